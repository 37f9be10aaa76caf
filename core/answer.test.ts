import { expect, test } from 'vitest';
import { parseAnswer } from './answer.ts';

test('reads what Core may say', () => {
  const parsed = parseAnswer({
    action: 'continue',
    verdict: 'constrain',
    reason: 'slowly',
    policy_id: 7,
    constraints: [{ max: 3 }],
    guardrails_result: {
      input_type: 'activity_input',
      redacted_input: { prompt: '[PHONE]' },
      validation_passed: true,
      reasons: [{ type: 'pii', field: 'prompt', reason: 'a phone number' }],
    },
  });
  expect(parsed).toEqual({
    ok: true,
    answer: {
      verdict: 'constrain',
      reason: 'slowly',
      policyId: '7',
      approvalId: null,
      approvalExpirationTime: null,
      constraints: [{ max: 3 }],
      guardrails: {
        inputType: 'activity_input',
        redacted: { value: { prompt: '[PHONE]' } },
        validationPassed: true,
        reasons: ['a phone number'],
      },
    },
  });
});

test('what is told on holds no API key', () => {
  const parsed = parseAnswer({ verdict: 'constrain', policy_id: 'obx_test_key', constraints: { seen: ['Bearer obx_test_key'] } });
  expect(parsed).toMatchObject({ ok: true, answer: { policyId: 'obx_test_…', constraints: { seen: ['Bearer obx_test_…'] } } });
});

test('action counts only where there is no verdict', () => {
  expect(parseAnswer({ action: 'stop' })).toMatchObject({ ok: true, answer: { verdict: 'halt' } });
  expect(parseAnswer({ action: 'continue', verdict: 'block' })).toMatchObject({ ok: true, answer: { verdict: 'block' } });
});

test.each([
  [{}, 'no verdict'],
  [{ verdict: 'perhaps' }, 'unknown verdict "perhaps"'],
  [{ verdict: 9, action: 'allow' }, 'unknown verdict 9'],
  [{ verdict: true, action: 'allow' }, 'unknown verdict true'],
  [{ verdict: 'allow', guardrails_result: 'yes' }, 'guardrails_result is not an object'],
  [{ verdict: 'allow', guardrails_result: { validation_passed: 'no' } }, 'validation_passed is not a boolean'],
  [{ verdict: 'allow', guardrails_result: { redacted_input: {} } }, 'unknown guardrails_result.input_type'],
  [{ verdict: 'allow', guardrails_result: { input_type: 'memo', redacted_input: 1 } }, 'input_type "memo"'],
])('%j cannot be followed', (json, problem) => {
  const parsed = parseAnswer(json);
  expect(parsed.ok).toBe(false);
  expect(!parsed.ok && parsed.problem).toContain(problem);
});

test('no redaction is told apart from one', () => {
  const none = parseAnswer({ verdict: 'allow', guardrails_result: { input_type: 'activity_input', redacted_input: null } });
  expect(none.ok && none.answer.guardrails?.redacted).toBeUndefined();
});
