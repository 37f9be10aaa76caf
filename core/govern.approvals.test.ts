import { expect, test, vi } from 'vitest';
import { drain } from './attempt.ts';
import { ApprovalExpiredError, ApprovalTimeoutError, GovernanceHaltError } from './errors.ts';
import { governIn } from './govern.ts';
import { createGrants, type Grants } from './grants.ts';
import { at, CALL, RESULT, stepOf, testAttempt, testGovernor, type TestGovernor, testHost } from './test-support.ts';

const asking = { verdict: 'require_approval', reason: 'look', approval_id: 'apr-1' };
const asksAtStart = at('started', asking);

test('here: polls until granted, then runs', async () => {
  let polls = 0;
  const core = testGovernor((asked) =>
    stepOf(asked) === 'approval'
      ? { json: ++polls < 3 ? { verdict: 'require_approval', id: 'apr-1' } : { verdict: 'allow', id: 'apr-1' } }
      : asksAtStart(asked),
  );
  expect(await governIn(testAttempt(core), { ...CALL }, async () => 3, RESULT)).toBe(3);
  expect(core.steps()).toEqual(['started', 'approval', 'approval', 'approval', 'completed']);
  expect(core.clock.slept).toEqual([5000, 5000]);
  expect(core.asked()[1]?.body).toEqual({ workflow_id: 'wf-1', run_id: 'run-1', activity_id: '2' });
  expect(core.lines).toEqual([
    { level: 'info', message: 'Waiting for approval of add in fetchPage (apr-1) since 2026-01-01 00:00 UTC: look', details: { workflowId: 'wf-1', runId: 'run-1', activityId: '2' } },
  ]);
});

test('elsewhere: stops before the effect and notes what is waited for', async () => {
  const attempt = testAttempt(testGovernor(asksAtStart), testHost({ approval: 'elsewhere' }));
  const run = vi.fn(async () => 3);
  await expect(governIn(attempt, { ...CALL }, run, RESULT)).rejects.toMatchObject({
    verdict: 'require_approval',
    message: 'Approval required: look',
  });
  expect(run).not.toHaveBeenCalled();
  expect(attempt.pending).toMatchObject([{ approvalId: 'apr-1', reason: 'look', identifier: 'add' }]);
});

test("elsewhere with hookApproval 'wait': the operation waits where it is", async () => {
  const core = testGovernor(
    (asked) => (stepOf(asked) === 'approval' ? { json: { verdict: 'allow', id: 'apr-1' } } : asksAtStart(asked)),
    { hookApproval: 'wait' },
  );
  const attempt = testAttempt(core, testHost({ approval: 'elsewhere' }));
  expect(await governIn(attempt, { ...CALL }, async () => 3, RESULT)).toBe(3);
  expect(core.steps()).toEqual(['started', 'approval', 'completed']);
});

test('a granted step is asked again, and only a further approval counts as allow', async () => {
  const waiting = testAttempt(testGovernor(asksAtStart), testHost({ approval: 'elsewhere' }));
  await governIn(waiting, { ...CALL }, async () => 3, RESULT).catch(() => undefined);
  const granted = (): Grants => createGrants(waiting.pending);

  const again = testGovernor(asksAtStart);
  expect(await governIn(testAttempt(again, testHost({ approval: 'elsewhere', grants: granted() })), { ...CALL }, async () => 3, RESULT)).toBe(3);
  expect(again.steps()).toEqual(['started', 'completed']);

  const other = testAttempt(testGovernor(asksAtStart), testHost({ approval: 'elsewhere', grants: granted() }));
  await expect(governIn(other, { ...CALL, args: [1, 3] }, async () => 4, RESULT)).rejects.toThrow('Approval required');

  const blocked = testAttempt(testGovernor(at('started', { verdict: 'block' })), testHost({ grants: granted() }));
  await expect(governIn(blocked, { ...CALL }, async () => 3, RESULT)).rejects.toThrow('Governance blocked');
});

test('a refused key makes the looks rarer, until it is mended', async () => {
  let polls = 0;
  const core = testGovernor((asked) => {
    if (stepOf(asked) !== 'approval') return asksAtStart(asked);
    return ++polls < 7 ? { status: 401 } : { json: { verdict: 'allow', id: 'apr-1' } };
  });
  expect(await governIn(testAttempt(core), { ...CALL }, async () => 3, RESULT)).toBe(3);
  expect(core.clock.slept).toEqual([10_000, 20_000, 40_000, 60_000, 60_000, 60_000]);
});

test('with hitlEnabled false nobody can be asked: refused', async () => {
  const core = testGovernor(asksAtStart, { hitlEnabled: false });
  await expect(governIn(testAttempt(core), { ...CALL }, async () => 3, RESULT)).rejects.toThrow('Approval required');
  expect(core.steps()).toEqual(['started']);
});

test('skipHitlActivityTypes waves through, logged', async () => {
  const core = testGovernor(asksAtStart, { skipHitlActivityTypes: ['fetchPage'] });
  expect(await governIn(testAttempt(core), { ...CALL }, async () => 3, RESULT)).toBe(3);
  expect(core.lines[0]?.message).toContain('waved through');
});

test("onApprovalExpired: 'halt' ends the workflow", async () => {
  const host = testHost();
  const core = testGovernor(
    (asked) =>
      stepOf(asked) === 'approval'
        ? { json: { verdict: 'require_approval', id: 'apr-1', approval_expiration_time: '2000-01-01T00:00:00Z' } }
        : asksAtStart(asked),
    { onApprovalExpired: 'halt' },
  );
  await expect(governIn(testAttempt(core, host), { ...CALL }, async () => 3, RESULT)).rejects.toThrow(GovernanceHaltError);
  expect(host.halted.length).toBe(1);
});

test('a HALT as the answer to a look ends the workflow, with its reason', async () => {
  const host = testHost();
  const core = testGovernor((asked) => (stepOf(asked) === 'approval' ? { json: { verdict: 'halt', id: 'apr-1', reason: 'no\nmore' } } : asksAtStart(asked)));
  const run = vi.fn(async () => 3);
  await expect(governIn(testAttempt(core, host), { ...CALL }, run, RESULT)).rejects.toThrow(GovernanceHaltError);
  expect(host.halted).toEqual([String.raw`Governance HALT: no\nmore`]);
  expect(run).not.toHaveBeenCalled();
});

test('a Core that is down while a human is waited for, past the expiry: ends', async () => {
  const times = { approval_expiration_time: '2026-01-01T00:01:00Z' };
  const core = testGovernor((asked) => (stepOf(asked) === 'approval' ? { status: 500 } : at('started', { ...asking, ...times })(asked)), { hitlPollIntervalMs: 10_000 });
  await expect(governIn(testAttempt(core), { ...CALL }, async () => 3, RESULT)).rejects.toThrow(
    'Approval expired for activity "fetchPage": its time is up, and OpenBox Core does not say what was decided: HTTP 500',
  );
  expect(core.clock.slept).toHaveLength(13);
});

const redacting = { guardrails_result: { input_type: 'activity_output', redacted_input: { card: '[CARD]' } } };
const card = async (): Promise<unknown> => ({ card: '4111' });

test('what Core asked for beside the approval holds after the grant, and where it is waved through', async () => {
  const asksAtEnd = at('completed', { ...asking, ...redacting });
  const granted = testGovernor((asked) => (stepOf(asked) === 'approval' ? { json: { verdict: 'allow', id: 'apr-1' } } : asksAtEnd(asked)));
  expect(await governIn(testAttempt(granted), { ...CALL }, card, RESULT)).toEqual({ card: '[CARD]' });
  const waved = testGovernor(asksAtEnd, { skipHitlActivityTypes: ['fetchPage'] });
  expect(await governIn(testAttempt(waved), { ...CALL }, card, RESULT)).toEqual({ card: '[CARD]' });
});

test('a grant whose guardrails failed is none', async () => {
  const failed = { guardrails_result: { input_type: 'activity_input', validation_passed: false, reasons: [{ reason: 'pii' }] } };
  const core = testGovernor((asked) =>
    stepOf(asked) === 'approval' ? { json: { verdict: 'allow', id: 'apr-1', ...failed } } : asksAtStart(asked),
  );
  const run = vi.fn(async () => 3);
  await expect(governIn(testAttempt(core), { ...CALL }, run, RESULT)).rejects.toThrow('Guardrails validation failed: pii');
  expect(run).not.toHaveBeenCalled();
});

test('a grant is good for one occurrence', async () => {
  const waiting = testAttempt(testGovernor(asksAtStart), testHost({ approval: 'elsewhere' }));
  await governIn(waiting, { ...CALL }, async () => 3, RESULT).catch(() => undefined);
  const grants = createGrants(waiting.pending);
  const again = testAttempt(testGovernor(asksAtStart), testHost({ approval: 'elsewhere', grants }));
  expect(await governIn(again, { ...CALL }, async () => 3, RESULT)).toBe(3);
  await expect(governIn(again, { ...CALL }, async () => 3, RESULT)).rejects.toThrow('Approval required');
});

test('an operation that has failed waits for nobody', async () => {
  const core = testGovernor(at('completed', asking));
  const attempt = testAttempt(core);
  await expect(governIn(attempt, { ...CALL }, () => Promise.reject(new Error('mine')), RESULT)).rejects.toThrow('mine');
  await drain(attempt);
  expect(core.steps()).toEqual(['started', 'completed']);
});

test("no decision before the activity's own timeout", async () => {
  const core = testGovernor((asked) =>
    stepOf(asked) === 'approval' ? { json: { verdict: 'require_approval', id: 'apr-1' } } : asksAtStart(asked),
  );
  const host = testHost({ deadline: core.clock.now() + 12_000 });
  await expect(governIn(testAttempt(core, host), { ...CALL }, async () => 3, RESULT)).rejects.toThrow(ApprovalTimeoutError);
  // The last look is just before it.
  expect(core.clock.slept).toEqual([5000, 5000, 1000]);
});

test('an approval that expires is looked at as soon as it has', async () => {
  const until = (clock: { now(): number }): string => new Date(clock.now() + 7000).toISOString();
  let given: string | undefined;
  const core: TestGovernor = testGovernor((asked) => {
    given ??= until(core.clock);
    if (stepOf(asked) === 'approval') return { json: { verdict: 'require_approval', id: 'apr-1', approval_expiration_time: given } };
    return at('started', { ...asking, approval_expiration_time: given })(asked);
  });
  await expect(governIn(testAttempt(core), { ...CALL }, async () => 3, RESULT)).rejects.toThrow(ApprovalExpiredError);
  expect(core.clock.slept).toEqual([5000, 3000]);
});

test('without ids one decision is good for one of two operations that wait at once', async () => {
  const unnamed = { verdict: 'require_approval', reason: 'look' };
  let decided = 0;
  const core = testGovernor((asked) => {
    if (stepOf(asked) === 'approval') return { json: { verdict: ++decided === 1 ? 'allow' : 'block' } };
    return at('started', unnamed)(asked);
  });
  const attempt = testAttempt(core);
  const run = vi.fn(async () => 1);
  const both = await Promise.allSettled([1, 2].map(() => governIn(attempt, { ...CALL }, run, RESULT)));
  expect(both.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect(run).toHaveBeenCalledTimes(1);
});

test('two that wait at once, and a Core that tells each only of the other', async () => {
  const ids = ['apr-1', 'apr-2'];
  let asked = 0;
  let polls = 0;
  const core = testGovernor((request) => {
    if (stepOf(request) === 'approval') return { json: { verdict: 'allow', id: ids[++polls % 2] } };
    return at('started', { ...asking, approval_id: ids[asked++ % 2] })(request);
  });
  const attempt = testAttempt(core);
  const results = await Promise.all([1, 2].map((result) => governIn(attempt, { ...CALL }, async () => result, RESULT)));
  expect(results).toEqual([1, 2]);
});

test('what could not be told from another is waited for in place', async () => {
  const core = testGovernor((asked) => (stepOf(asked) === 'approval' ? { json: { verdict: 'allow', id: 'apr-1' } } : asksAtStart(asked)));
  const attempt = testAttempt(core, testHost({ approval: 'elsewhere' }));
  expect(await governIn(attempt, { ...CALL }, async () => 3, { ...RESULT, exact: () => undefined })).toBe(3);
  expect(attempt.pending).toEqual([]);
});
