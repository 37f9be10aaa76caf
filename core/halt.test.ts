import { describe, expect, test, vi } from 'vitest';
import { runActivity } from './activity.ts';
import type { ActivityHost } from './activity-host.ts';
import { type Attempt, stop } from './attempt.ts';
import { GovernanceBlockedError, GovernanceHaltError } from './errors.ts';
import { governIn, governSyncIn } from './govern.ts';
import { stopWorkflow } from './halt.ts';
import type { CannedAnswer } from './ports/fetch.ts';
import { memorySyncGate } from './ports/sync-gate.ts';
import { ALLOW, at, CALL, deferred, INFO, RESULT, stepOf, testAttempt, testGovernor, type TestGovernor, testHost } from './test-support.ts';

const HALT = new GovernanceHaltError('Governance HALT: enough');

/** An activity that waits to be let go, and then makes an operation. */
function waiting(core: TestGovernor, info: Partial<typeof INFO>, host: Partial<ActivityHost> = {}) {
  const go = deferred<undefined>();
  const ran = vi.fn(async () => 1);
  const end = runActivity(core.governor, { ...INFO, ...info }, [], async () => {
    const attempt = core.governor.scopes.storage.get() as Attempt;
    await go.promise;
    return governIn(attempt, { ...CALL }, ran, RESULT).catch(() => 'swallowed');
  }, testHost(host));
  end.catch(() => undefined);
  return { go: () => go.resolve(undefined), ran, end };
}

describe('of a workflow', () => {
  test.each<[string, Partial<typeof INFO>, Partial<ActivityHost>, boolean]>([
    ['another activity of its run', { activityId: '3' }, {}, true],
    ['an activity of another run of its chain', { runId: 'run-9' }, { firstRunId: 'run-0' }, true],
    ['an activity of another chain with its id', { runId: 'run-9' }, { firstRunId: 'run-9' }, false],
    ['an activity of another workflow', { workflowId: 'wf-2' }, { firstRunId: 'run-0' }, false],
  ])('%s', async (_, info, host, stops) => {
    const core = testGovernor();
    const other = waiting(core, info, host);
    await vi.waitUntil(() => core.governor.scopes.running.size === 1);
    stopWorkflow(core.governor.scopes, { workflowId: 'wf-1', runId: 'run-1', firstRunId: 'run-0' }, HALT);
    const asked = core.steps().length;
    other.go();
    if (stops) await expect(other.end).rejects.toBe(HALT);
    else expect(await other.end).toBe(1);
    expect(other.ran).toHaveBeenCalledTimes(stops ? 0 : 1);
    expect(core.steps().slice(asked)).toEqual(stops ? [] : ['started', 'completed', 'ActivityCompleted']);
  });

  test('one that still waits for the answer to its own start never runs', async () => {
    const answer = deferred<CannedAnswer>();
    const core = testGovernor(() => answer.promise);
    const body = vi.fn(async () => 1);
    const end = runActivity(core.governor, INFO, [], body, testHost());
    await vi.waitUntil(() => core.steps().length === 1);
    stopWorkflow(core.governor.scopes, { workflowId: 'wf-1', runId: 'run-1' }, HALT);
    answer.resolve(ALLOW);
    await expect(end).rejects.toBe(HALT);
    expect(body).not.toHaveBeenCalled();
    expect(core.steps()).toEqual(['ActivityStarted']);
    expect(core.governor.scopes.attempts.size).toBe(0);
  });

  test('what ran when it came is not told, and its result withheld', async () => {
    const gate = memorySyncGate(() => {
      throw new Error('never asked');
    });
    const core = testGovernor(() => ALLOW, {}, gate);
    const attempt = testAttempt(core);
    const value = governIn(attempt, { ...CALL }, async () => (stop(attempt, HALT), 3), RESULT);
    await expect(value).rejects.toBe(HALT);
    expect(core.steps()).toEqual(['started']);
    expect(() => governSyncIn(attempt, { ...CALL }, () => 3, RESULT)).toThrow(HALT);
  });
});

test('comes after a BLOCK too: the workflow is ended, and the end of the activity is not told', async () => {
  const core = testGovernor(({ raw }) => {
    if (raw.includes('bad')) return { json: { verdict: 'block' } };
    return stepOf({ path: '/evaluate', raw, body: JSON.parse(raw) as Record<string, unknown> }) === 'completed' ? { json: { verdict: 'halt' } } : ALLOW;
  });
  const host = testHost();
  const end = runActivity(core.governor, INFO, [], async () => {
    const attempt = core.governor.scopes.storage.get() as Attempt;
    const slow = deferred<undefined>();
    const halted = governIn(attempt, { ...CALL }, () => slow.promise, { ...RESULT, withholds: () => true });
    await vi.waitUntil(() => core.steps().length === 2);
    await expect(governIn(attempt, { ...CALL, function: 'bad' }, async () => 1, RESULT)).rejects.toThrow(GovernanceBlockedError);
    slow.resolve(undefined);
    await halted.catch(() => undefined);
  }, host);
  await expect(end).rejects.toThrow(GovernanceHaltError);
  expect(host.halted).toHaveLength(1);
  expect(core.steps()).toEqual(['ActivityStarted', 'started', 'started', 'completed']);
});

test.each(['ActivityStarted', 'started', 'completed', 'ActivityCompleted'])('at %s that cannot be carried out: the failure says that the workflow lives, and why', async (step) => {
  const core = testGovernor(at(step, { verdict: 'halt', reason: 'enough', policy_id: 'p' }));
  const cause = new Error('Failed to terminate', { cause: new Error('7 PERMISSION_DENIED: not yours') });
  const host = testHost({ halt: () => Promise.reject(cause) });
  const end = runActivity(core.governor, INFO, [], async () => {
    await governIn(core.governor.scopes.storage.get() as Attempt, { ...CALL }, async () => 1, RESULT).catch(() => undefined);
  }, host);
  await expect(end).rejects.toMatchObject({
    code: 'OPENBOX_HALTED',
    message: 'Governance HALT: enough; the workflow could not be terminated: 7 PERMISSION_DENIED: not yours',
    reason: 'enough',
    policyId: 'p',
    cause,
  });
  expect(core.steps().at(-1)).toBe(step);
});
