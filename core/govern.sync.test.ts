import { describe, expect, test, vi } from 'vitest';
import type { ActivityHost } from './activity-host.ts';
import type { Answer } from './answer.ts';
import { type Attempt, drain, handIn } from './attempt.ts';
import type { OpenBoxOptions } from './config.ts';
import { GovernanceBlockedError } from './errors.ts';
import { governSyncIn } from './govern.ts';
import { createGrants, type Grant } from './grants.ts';
import type { FunctionOperation, Report } from './operation.ts';
import { memorySyncGate, type SyncGate } from './ports/sync-gate.ts';
import { ALLOW, CALL, deferred, RESULT, testAttempt, testGovernor, type TestGovernor, testHost } from './test-support.ts';

const allow = {
  verdict: 'allow',
  reason: null,
  policyId: null,
  approvalId: null,
  approvalExpirationTime: null,
  constraints: null,
} as const;

test('asks by the gate before and after', () => {
  const gate = memorySyncGate(() => ({ kind: 'answered', answer: allow }));
  const core = testGovernor(() => ALLOW, {}, gate);
  expect(governSyncIn(testAttempt(core), { ...CALL }, () => 3, RESULT)).toBe(3);
  expect(gate.asked.map((body) => (JSON.parse(body) as { spans: [{ stage: string }] }).spans[0].stage)).toEqual(['started', 'completed']);
  expect(core.steps()).toEqual([]);
});

test('a block means that it does not run', () => {
  const gate = memorySyncGate(() => ({ kind: 'answered', answer: { ...allow, verdict: 'block' } }));
  const run = vi.fn(() => 3);
  expect(() => governSyncIn(testAttempt(testGovernor(() => ALLOW, {}, gate)), { ...CALL }, run, RESULT)).toThrow(GovernanceBlockedError);
  expect(run).not.toHaveBeenCalled();
});

test('what could not be asked about is not told either', async () => {
  const core = testGovernor();
  const attempt = testAttempt(core);
  governSyncIn(attempt, { ...CALL }, () => undefined, RESULT);
  expect(() => governSyncIn(attempt, { ...CALL }, () => { throw new RangeError('mine'); }, RESULT)).toThrow(RangeError);
  await drain(attempt);
  expect(core.steps()).toEqual([]);
});

test('without a gate it runs with a warning', () => {
  const lax = testGovernor();
  expect(governSyncIn(testAttempt(lax), { ...CALL }, () => 3, RESULT)).toBe(3);
  expect(lax.lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'warn Synchronous operation "add" cannot be asked about: there is no sync gate in this process; going on (fail_open)',
  ]);
});

test.each<[OpenBoxOptions, string]>([
  [{ strict: true }, 'OPENBOX_BLOCKED'],
  [{ governancePolicy: 'fail_closed' }, 'OPENBOX_HALTED'],
])('without a gate it does not run with %j', (options, code) => {
  const run = vi.fn(() => 3);
  const attempt = testAttempt(testGovernor(() => ALLOW, options));
  expect(() => governSyncIn(attempt, { ...CALL }, run, RESULT)).toThrow(expect.objectContaining({ code }) as Error);
  expect(run).not.toHaveBeenCalled();
});

describe('a gate that does not work', () => {
  const broken = memorySyncGate(() => ({ kind: 'unaskable', problem: 'its thread does not start' }));
  const problem = 'Synchronous operation "add" cannot be asked about: its thread does not start';

  test.each<[string, OpenBoxOptions, object]>([
    ['with strict', { strict: true }, { code: 'OPENBOX_BLOCKED', message: `Governance blocked: ${problem}` }],
    ['with strict, fail_closed too', { strict: true, governancePolicy: 'fail_closed' }, { code: 'OPENBOX_BLOCKED' }],
    ['under fail_closed', { governancePolicy: 'fail_closed' }, { code: 'OPENBOX_HALTED', message: `Governance HALT: ${problem}` }],
  ])('%s: nothing runs', (_, options, error) => {
    const attempt = testAttempt(testGovernor(() => ALLOW, options, broken));
    const run = vi.fn(() => 3);
    expect(() => governSyncIn(attempt, { ...CALL }, run, RESULT)).toThrow(expect.objectContaining(error) as Error);
    expect(run).not.toHaveBeenCalled();
    expect(attempt.stopped).toMatchObject(error);
  });

  test('else it runs with a warning, and Core does not count as dead', async () => {
    const core = testGovernor(() => ALLOW, {}, broken);
    for (let n = 0; n < 10; n++) expect(governSyncIn(testAttempt(core), { ...CALL }, () => 3, RESULT)).toBe(3);
    expect(core.lines).toMatchObject([{ level: 'warn', message: `${problem}; going on (fail_open)` }]);
    expect(core.governor.breaker.begin().spared).toBeUndefined();
  });
});

test('a function that returns a promise is told when that has settled', async () => {
  const gate = memorySyncGate(() => ({ kind: 'answered', answer: allow }));
  const core = testGovernor(() => ALLOW, {}, gate);
  const brought = deferred<number>();
  const call = governSyncIn(testAttempt(core), { ...CALL }, () => brought.promise as unknown, RESULT) as Promise<number>;
  expect(core.steps()).toEqual([]);
  brought.resolve(3);
  expect(await call).toBe(3);
  expect(core.asked()[0]?.body['spans']).toMatchObject([{ stage: 'completed', result: '3' }]);
});

const answered = (more: Partial<Answer>): SyncGate & { readonly asked: string[] } => memorySyncGate(() => ({ kind: 'answered', answer: { ...allow, ...more } }));

describe('within the attempt’s own time', () => {
  test('a cancelled activity asks nothing more', () => {
    const gate = answered({});
    const run = vi.fn(() => 3);
    const host = testHost({ signal: AbortSignal.abort(new Error('cancelled')) });
    expect(() => governSyncIn(testAttempt(testGovernor(() => ALLOW, {}, gate), host), { ...CALL }, run, RESULT)).toThrow('cancelled');
    expect([gate.asked, run.mock.calls]).toEqual([[], []]);
  });

  test.each([
    [2000, [2000]],
    [60_000, [5000]],
  ])('with %d ms left a question may take %j', (left, allowed) => {
    const timeouts: number[] = [];
    const gate: SyncGate = { ...answered({}), evaluate: (_, timeout) => (timeouts.push(timeout), { kind: 'unreachable', problem: 'x' }) };
    const core = testGovernor(() => ALLOW, {}, gate);
    const host = testHost({ deadline: core.clock.now() + left });
    governSyncIn(testAttempt(core, host), { ...CALL }, () => undefined, RESULT);
    expect(timeouts).toEqual(allowed);
  });

  test.each(['fail_open', 'fail_closed'] as const)('without time for a question nothing runs and nothing is halted: %s', (governancePolicy) => {
    const core = testGovernor(() => ALLOW, { governancePolicy }, answered({}));
    const host = testHost({ deadline: core.clock.now() });
    const run = vi.fn(() => 3);
    expect(() => governSyncIn(testAttempt(core, host), { ...CALL }, run, RESULT)).toThrow('own time was up');
    expect([run.mock.calls, host.halted]).toEqual([[], []]);
  });
});

describe('approvals', () => {
  const required = { verdict: 'require_approval', reason: 'look first', approvalId: 'apr-1' } as const;
  const elsewhere = (steps: Grant[] = []): ActivityHost => testHost({ approval: 'elsewhere', grants: createGrants(steps) });
  const call = (attempt: Attempt, report = RESULT, run = (): unknown => 3): unknown => governSyncIn(attempt, { ...CALL }, run, report);

  test('where the activity may run again it does, and the grant lets that very operation through', () => {
    const core = testGovernor(() => ALLOW, {}, answered(required));
    const first = testAttempt(core, elsewhere());
    expect(() => call(first)).toThrow('Approval required: look first');
    expect(first.pending).toMatchObject([{ approvalId: 'apr-1', identifier: 'add' }]);
    const again = testAttempt(core, elsewhere(first.pending));
    const run = vi.fn();
    expect(call(again, RESULT, run)).toBeUndefined();
    expect(run).toHaveBeenCalledOnce();
    expect(() => governSyncIn(testAttempt(core, elsewhere(first.pending)), { ...CALL, args: [1, 3] }, () => 3, RESULT)).toThrow('Approval required');
  });

  test.each<[string, ActivityHost, OpenBoxOptions, Report<FunctionOperation, unknown>, string]>([
    ['it does not run again', testHost(), {}, RESULT, 'does not run again'],
    ['hookApproval is "wait"', elsewhere(), { hookApproval: 'wait' }, RESULT, 'hookApproval is "wait"'],
    ['no grant could name it', elsewhere(), {}, { ...RESULT, exact: () => undefined }, 'cannot be told apart'],
  ])('where %s it is refused, and nobody is asked for ever', (_, host, options, report, why) => {
    const attempt = testAttempt(testGovernor(() => ALLOW, options, answered(required)), host);
    const run = vi.fn(() => 3);
    expect(() => call(attempt, report, run)).toThrow(why);
    expect(run).not.toHaveBeenCalled();
    expect(attempt.pending).toEqual([]);
    expect(attempt.stopped).toMatchObject({ code: 'OPENBOX_BLOCKED', verdict: 'block', reason: 'look first' });
  });
});

describe('stalls', () => {
  test('are counted, and a long one is said', () => {
    const gate: SyncGate = { ...answered({}), evaluate: () => (core.clock.advance(ms), { kind: 'answered', answer: allow }) };
    const core: TestGovernor = testGovernor(() => ALLOW, {}, gate);
    let ms = 200;
    governSyncIn(testAttempt(core), { ...CALL }, () => undefined, RESULT);
    expect(core.lines).toEqual([]);
    ms = 1500;
    governSyncIn(testAttempt(core), { ...CALL }, () => undefined, RESULT);
    expect(core.governor.stalls).toEqual({ count: 2, totalMs: 1700, longestMs: 1500 });
    expect(core.lines).toMatchObject([{ level: 'warn', details: { identifier: 'add', count: 2, totalMs: 1700 } }]);
    expect(core.lines[0]?.message).toContain('held the whole process for 1500 ms');
  });

  test('what the gate itself calls runs unasked', () => {
    const run = vi.fn(() => 3);
    const gate = { ...answered({ verdict: 'block' }), working: true };
    expect(governSyncIn(testAttempt(testGovernor(() => ALLOW, {}, gate)), { ...CALL }, run, RESULT)).toBe(3);
    expect(gate.asked).toEqual([]);
  });
});

test('a question waits for no report of the calling thread', () => {
  const attempt = testAttempt(testGovernor(() => ALLOW, {}, answered({})));
  handIn(attempt, new Promise(() => {}));
  expect(governSyncIn(attempt, { ...CALL }, () => 3, RESULT)).toBe(3);
});
