import { describe, expect, test, vi } from 'vitest';
import { runActivity } from './activity.ts';
import type { Attempt } from './attempt.ts';
import type { OpenBoxOptions } from './config.ts';
import { GovernanceAPIError, GovernanceHaltError, GuardrailsValidationError } from './errors.ts';
import { governIn, governSyncIn } from './govern.ts';
import type { Outcome } from './outcome.ts';
import { memorySyncGate } from './ports/sync-gate.ts';
import { parseAnswer } from './answer.ts';
import { ALLOW, type Answering, at, CALL, INFO, RESULT, testGovernor, type TestGovernor, testHost } from './test-support.ts';
import { runWorkflow } from './workflow.ts';

const guardrails = (input_type: string, redacted_input: unknown): Record<string, unknown> => ({ verdict: 'allow', guardrails_result: { input_type, redacted_input } });
const redact = (step: string, input_type: string, redacted_input: unknown): Answering => at(step, guardrails(input_type, redacted_input));
const attemptOf = (core: TestGovernor): Attempt => core.governor.scopes.storage.get() as Attempt;
const operation = (core: TestGovernor, value: unknown = 1): Promise<unknown> => governIn(attemptOf(core), { ...CALL }, async () => value, RESULT);

class Card {
  readonly number: string;
  readonly owner: { readonly name: string };
  constructor(number: string, owner: string) {
    this.number = number;
    this.owner = { name: owner };
  }
  last4(): string {
    return this.number.slice(-4);
  }
}

describe('an argument', () => {
  test('of a class keeps it, with its methods and what the answer does not name', async () => {
    const core = testGovernor(redact('ActivityStarted', 'activity_input', [{ number: 'XXXX-0000' }]));
    const card = new Card('4111-1111', 'Ada');
    const seen = await runActivity(core.governor, INFO, [card], async ([given]) => (await operation(core), given), testHost());
    expect(seen).toBeInstanceOf(Card);
    expect([seen.last4(), seen.owner]).toEqual(['0000', { name: 'Ada' }]);
    expect(card.number).toBe('4111-1111');
    for (const { body } of core.asked().slice(1)) expect(body['activity_input']).toEqual([{ number: 'XXXX-0000', owner: { name: 'Ada' } }]);
  });

  test('keeps its dates and bytes, untouched, where others beside them are replaced', async () => {
    const order = { at: new Date(0), bytes: new Uint8Array([1, 2]), words: new Float64Array([1.5]), buffer: Buffer.from('x'), phone: '555' };
    const core = testGovernor((asked) => {
      // As Core does it: all of what it was shown, with one field replaced.
      const [shown] = (asked.body['activity_input'] ?? []) as [Record<string, unknown>?];
      return asked.body['event_type'] === 'ActivityStarted' ? { json: guardrails('activity_input', [{ ...shown, phone: '[PHONE]' }]) } : ALLOW;
    });
    const seen = await runActivity(core.governor, INFO, [order], async ([given]) => given, testHost());
    expect(seen).toEqual({ ...order, phone: '[PHONE]' });
    for (const name of ['at', 'bytes', 'words', 'buffer'] as const) expect(seen[name]).toBe(order[name]);
  });

  test('a date that is named is another date; bytes that are named are refused', async () => {
    const at = new Date(0);
    const dated = testGovernor(redact('ActivityStarted', 'activity_input', [{ at: '2000-01-01T00:00:00.000Z' }]));
    expect(await runActivity(dated.governor, INFO, [{ at }], async ([given]) => given.at, testHost())).toEqual(new Date(Date.UTC(2000, 0, 1)));
    const bytes = testGovernor(redact('ActivityStarted', 'activity_input', [{ bytes: [0, 0] }]));
    await expect(runActivity(bytes.governor, INFO, [{ bytes: new Uint8Array(2) }], async () => 1, testHost())).rejects.toThrow(GovernanceAPIError);
  });
});

/** As it comes over the wire: an own key. */
const hostile = (): unknown => JSON.parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}},"toString":1,"phone":"[PHONE]"}');

describe('keys like __proto__ in an answer are data', () => {
  const harmless = (seen: object): void => {
    expect(Object.getPrototypeOf(seen)).toBe(Object.prototype);
    expect((seen as { admin?: unknown }).admin).toBeUndefined();
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
    expect(Object.keys(seen).toSorted()).toEqual(['__proto__', 'constructor', 'phone', 'toString']);
    expect(Object.getOwnPropertyDescriptor(seen, '__proto__')?.value).toEqual({ admin: true });
  };

  test('of the input, of the output, of a result', async () => {
    const input = testGovernor(redact('ActivityStarted', 'activity_input', [hostile()]));
    harmless(await runActivity(input.governor, INFO, [{ phone: '555' }], async ([given]) => given, testHost()));
    expect(input.requests.at(-1)?.body).toContain('"activity_input":[{"phone":"[PHONE]","__proto__":{"admin":true}');
    const output = testGovernor(redact('ActivityCompleted', 'activity_output', hostile()));
    harmless(await runActivity(output.governor, INFO, [], async () => ({ phone: '555' }), testHost()));
    const result = testGovernor(redact('completed', 'activity_output', hostile()));
    harmless((await runActivity(result.governor, INFO, [], () => operation(result, { phone: '555' }), testHost())) as object);
  });

  test('they are no fields of the answer either', () => {
    const forged = JSON.parse('{"__proto__":{"verdict":"allow"},"constructor":"allow"}') as Record<string, unknown>;
    expect(parseAnswer(forged)).toEqual({ ok: false, problem: 'no verdict' });
  });
});

describe('a redaction that nothing can take is refused, never dropped', () => {
  test('of a result that is nothing: the activity fails with it', async () => {
    const core = testGovernor(redact('completed', 'activity_output', { card: '[X]' }));
    await expect(runActivity(core.governor, INFO, [], async () => void (await operation(core, undefined)), testHost())).rejects.toThrow(GovernanceAPIError);
  });

  test('of the same by a synchronous call', async () => {
    const core = testGovernor(redact('completed', 'activity_output', { card: '[X]' }), {}, memorySyncGate(() => answeredBy({ verdict: 'allow' })));
    const body = async (): Promise<void> => governSyncIn(attemptOf(core), { ...CALL }, () => undefined, RESULT) as void;
    await expect(runActivity(core.governor, INFO, [], body, testHost())).rejects.toThrow(GovernanceAPIError);
  });

  test.each(['WorkflowStarted', 'WorkflowCompleted'])('of %s: a BLOCK, which has no effect there, under fail_closed a HALT', async (step) => {
    const run = (options: OpenBoxOptions): { core: TestGovernor; end: Promise<unknown> } => {
      const core = testGovernor(redact(step, 'activity_input', [1]), options);
      return { core, end: runWorkflow(core.governor, { workflowType: 'Agent' }, [], async () => 1) };
    };
    const open = run({});
    expect(await open.end).toBe(1);
    expect(open.core.lines).toMatchObject([{ level: 'error', message: expect.stringContaining('a redaction of activity_input does not apply to a workflow event') }]);
    await expect(run({ governancePolicy: 'fail_closed' }).end).rejects.toThrow(GovernanceHaltError);
  });
});

function answeredBy(json: Record<string, unknown>): Outcome {
  const parsed = parseAnswer(json);
  return parsed.ok ? { kind: 'answered', answer: parsed.answer } : { kind: 'unfollowable', problem: parsed.problem };
}

describe('a validation that fails stops', () => {
  const FAILED = { verdict: 'allow', guardrails_result: { validation_passed: false, reasons: [{ reason: 'a' }, { type: 'b' }] } };

  test.each<[string, number, number]>([
    ['ActivityStarted', 0, 0],
    ['started', 1, 0],
    ['completed', 1, 1],
    ['ActivityCompleted', 1, 1],
  ])('at %s', async (step, bodies, operations) => {
    const core = testGovernor(at(step, FAILED));
    const ran = vi.fn(async () => 1);
    const body = vi.fn(async () => governIn(attemptOf(core), { ...CALL }, ran, RESULT).catch(() => 'swallowed'));
    const end = runActivity(core.governor, INFO, [], body, testHost());
    await expect(end).rejects.toMatchObject({ message: 'Guardrails validation failed: a; b', reasons: ['a', 'b'] });
    await expect(end).rejects.toThrow(GuardrailsValidationError);
    expect([body.mock.calls.length, ran.mock.calls.length]).toEqual([bodies, operations]);
  });

  test('at a synchronous operation', async () => {
    const core = testGovernor(() => ALLOW, {}, memorySyncGate(() => answeredBy(FAILED)));
    const ran = vi.fn(() => 1);
    await expect(runActivity(core.governor, INFO, [], async () => governSyncIn(attemptOf(core), { ...CALL }, ran, RESULT), testHost())).rejects.toThrow(GuardrailsValidationError);
    expect(ran).not.toHaveBeenCalled();
  });
});
