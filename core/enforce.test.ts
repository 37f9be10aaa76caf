import { expect, test } from 'vitest';
import { type Answer, parseAnswer } from './answer.ts';
import { approvalRequired, decide } from './enforce.ts';
import type { Outcome } from './outcome.ts';

const ABOUT = { identifier: 'https://example.com' };
const OPEN = { governancePolicy: 'fail_open', strict: false } as const;
const CLOSED = { governancePolicy: 'fail_closed', strict: false } as const;

function answered(json: Record<string, unknown>): Outcome {
  const parsed = parseAnswer(json) as { ok: true; answer: Answer };
  return { kind: 'answered', answer: parsed.answer };
}

function code(outcome: Outcome, about: Parameters<typeof decide>[1] = ABOUT, config: Parameters<typeof decide>[2] = OPEN): string {
  const decision = decide(outcome, about, config);
  return decision.kind === 'refuse' ? decision.error.code : decision.kind;
}

const failed = { input_type: 'activity_input', validation_passed: false, reasons: [{ reason: 'a' }, { reason: 'b' }] };

test.each<[string, Record<string, unknown>, string]>([
  ['allow', { verdict: 'allow' }, 'proceed'],
  ['constrain', { verdict: 'constrain' }, 'proceed'],
  ['require_approval', { verdict: 'require_approval' }, 'approval'],
  ['block', { verdict: 'block' }, 'OPENBOX_BLOCKED'],
  ['halt', { verdict: 'halt' }, 'OPENBOX_HALTED'],
  ['failed guardrails beat an approval', { verdict: 'require_approval', guardrails_result: failed }, 'OPENBOX_GUARDRAILS_FAILED'],
  ['failed guardrails beat allow', { verdict: 'allow', guardrails_result: failed }, 'OPENBOX_GUARDRAILS_FAILED'],
  ['block beats failed guardrails', { verdict: 'block', guardrails_result: failed }, 'OPENBOX_BLOCKED'],
  ['halt beats failed guardrails', { verdict: 'halt', guardrails_result: failed }, 'OPENBOX_HALTED'],
])('%s', (_name, json, result) => {
  expect(code(answered(json))).toBe(result);
  expect(code(answered(json), ABOUT, CLOSED)).toBe(result);
});

const workflowEvent = { ...ABOUT, workflowEvent: 'WorkflowStarted' };

test.each<[Outcome['kind'], string, string, string, string]>([
  ['unreachable', 'proceed', 'OPENBOX_HALTED', 'proceed', 'OPENBOX_HALTED'],
  ['unfollowable', 'OPENBOX_API_FAILED', 'OPENBOX_API_FAILED', 'OPENBOX_BLOCKED', 'OPENBOX_HALTED'],
  ['unauthorized', 'OPENBOX_AUTH_FAILED', 'OPENBOX_AUTH_FAILED', 'OPENBOX_AUTH_FAILED', 'OPENBOX_AUTH_FAILED'],
])('%s, by policy and place', (kind, open, closed, eventOpen, eventClosed) => {
  const outcome = { kind, problem: 'HTTP 500' } as Outcome;
  expect([
    code(outcome, ABOUT, OPEN),
    code(outcome, ABOUT, CLOSED),
    code(outcome, workflowEvent, OPEN),
    code(outcome, workflowEvent, CLOSED),
  ]).toEqual([open, closed, eventOpen, eventClosed]);
});

test.each<[Record<string, unknown>, string]>([
  [{ verdict: 'block', reason: 'not here' }, 'Governance blocked: not here'],
  [{ verdict: 'block' }, 'Governance blocked: no reason given'],
  [{ verdict: 'halt', reason: 'stop it' }, 'Governance HALT: stop it'],
  [{ verdict: 'allow', guardrails_result: failed }, 'Guardrails validation failed: a; b'],
])('the message of %j', (json, message) => {
  const decision = decide(answered(json), ABOUT, OPEN);
  expect(decision.kind === 'refuse' && decision.error.message).toBe(message);
});

test.each<[string | undefined, string, string]>([
  [undefined, 'Approval required: look', 'look'],
  ['a signal or update', 'Governance blocked: OpenBox Core wants an approval, which nobody can wait for at a signal or update: look', 'OpenBox Core wants an approval, which nobody can wait for at a signal or update: look'],
])('an approval that is needed, at %s', (workflowEvent, message, reason) => {
  const { answer } = answered({ verdict: 'require_approval', reason: 'look', policy_id: 'p' }) as { answer: Answer };
  expect(approvalRequired(answer, { ...ABOUT, ...(workflowEvent !== undefined && { workflowEvent }) })).toMatchObject({
    message, reason, verdict: 'require_approval', policyId: 'p', ...ABOUT,
  });
});

test("Core's text is data: control characters are escaped and length is bounded", () => {
  const decision = decide(answered({ verdict: 'block', reason: `\u001b[31m${'x'.repeat(5000)}` }), ABOUT, OPEN);
  const message = decision.kind === 'refuse' ? decision.error.message : '';
  expect(message).not.toContain('\u001b');
  expect(message.length).toBeLessThan(1100);
});

test('a HALT under fail_closed says that Core was not reached', () => {
  const decision = decide({ kind: 'unreachable', problem: 'ECONNREFUSED' }, ABOUT, CLOSED);
  expect(decision.kind === 'refuse' && decision.error.message).toBe('Governance HALT: OpenBox Core not reachable: ECONNREFUSED');
});
