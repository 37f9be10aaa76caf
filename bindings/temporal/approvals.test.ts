import { Context } from '@temporalio/activity';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Answer, Rule } from '../../conformance/testing.ts';
import { approvalsIn, atStart, chainOf, ending, polled, stepsOf, testContract, testSecrecy, testWorld, wantsApproval } from './test-support.ts';

/** `ApplicationErrorCategory` on the wire. */
const BENIGN = 1;
let effects: string[] = [];
/** Per attempt: its number, and the heartbeat details it found. */
let attempts: [number, unknown][] = [];

const activities = {
  async pay(...args: unknown[]) {
    const { attempt, heartbeatDetails } = Context.current().info;
    attempts.push([attempt, heartbeatDetails]);
    effects.push('pay');
    return args;
  },
};

const world = testWorld({ activities });
beforeEach(() => {
  effects = [];
  attempts = [];
});

const { start, approval, started } = approvalsIn(world);

describe('at ActivityStarted', () => {
  test('granted: the activity runs, once, and its start is asked about again', async () => {
    const handle = await start('pay', [atStart()], [950]);
    const id = await approval(handle);
    await polled(world, handle);
    expect(effects).toEqual([]);
    await world.core.approve(id);
    expect(await handle.result()).toEqual([[950]]);
    expect(effects).toEqual(['pay']);
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual([
      'WorkflowStarted',
      'ActivityStarted pay',
      'ActivityStarted pay',
      'ActivityCompleted pay',
      'WorkflowCompleted',
    ]);
    const [one, ...others] = await world.core.approvals();
    expect(one?.polls).toBeGreaterThanOrEqual(2);
    expect(others).toEqual([]);
  });

  test('granted: a further wish for approval counts as allowed, a BLOCK does not (fault: approval-asked-again-after-grant)', async () => {
    const repeats = await start('pay', [atStart({ approval_repeats: true })], [1]);
    await world.core.approve(await approval(repeats));
    expect(await repeats.result()).toEqual([[1]]);

    const blocks = await start('pay', [atStart({}, 1), { when: { event_type: 'ActivityStarted' }, answer: { verdict: 'block', reason: 'changed my mind' } }]);
    await world.core.approve(await approval(blocks));
    expect(await ending(blocks)).toMatchObject({ failure: [{}, { type: 'GovernanceBlock', message: 'Governance blocked: changed my mind' }] });
    expect(effects).toEqual(['pay']);
  });

  test('granted with other arguments: those run, and the events show them', async () => {
    const handle = await start('pay', [atStart()], [{ amount: 950, to: 'Ada' }]);
    await world.core.approve(await approval(handle), { redactedInput: [{ amount: 100 }] });
    expect(await handle.result()).toEqual([[{ amount: 100, to: 'Ada' }]]);
    const inputs = (await world.asked(handle.workflowId)).filter(({ activity_type }) => activity_type === 'pay').map((body) => body['activity_input']);
    expect(inputs).toEqual([[{ amount: 950, to: 'Ada' }], [{ amount: 100, to: 'Ada' }], [{ amount: 100, to: 'Ada' }]]);
  });

  test('granted with keys like __proto__: they are data, in the workflow and in the activity', async () => {
    const handle = await start('pay', [atStart()], [{ amount: 950 }]);
    const hostile: unknown = JSON.parse('{"amount":100,"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}');
    await world.core.approve(await approval(handle), { redactedInput: [hostile] });
    expect(JSON.stringify(await handle.result())).toBe('[[{"amount":100,"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}]]');
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  test('granted with arguments that do not fit: refused', async () => {
    const handle = await start('pay', [atStart()], [1]);
    await world.core.approve(await approval(handle), { redactedInput: [1, 2] });
    expect(await ending(handle)).toMatchObject({ failure: [{}, { type: 'GovernanceAPIError' }] });
    expect(effects).toEqual([]);
  });

  test('rejected: fails for good, with the reason', async () => {
    const handle = await start('pay', [atStart()]);
    await world.core.reject(await approval(handle), 'too much');
    expect(await ending(handle)).toMatchObject({
      failure: [{ name: 'ActivityFailure' }, { type: 'ApprovalRejected', message: 'Activity rejected: too much', details: [{ reason: 'too much' }] }],
    });
    expect(effects).toEqual([]);
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'ActivityStarted pay', 'WorkflowFailed']);
  });

  test('expired: fails for good', async () => {
    const handle = await start('pay', [atStart()]);
    await world.core.expire(await approval(handle));
    expect(await ending(handle)).toMatchObject({ failure: [{}, { type: 'ApprovalExpired', message: 'Approval expired for activity "pay": nobody decided in time' }] });
    expect(effects).toEqual([]);
  });

  test('expired, with onApprovalExpired "halt": terminates', async () => {
    await using halts = await world.worker({ onApprovalExpired: 'halt' });
    const handle = await start('pay', [atStart()], [], {}, halts.taskQueue);
    await world.core.expire(await approval(handle));
    expect((await ending(handle)).failure?.[0]?.message).toMatch(/^Governance HALT: Approval expired for activity "pay"/u);
    expect(effects).toEqual([]);
  });

  test('while it waits, the failure says for what, as the UI and the log do, and is no error', async () => {
    const handle = await start('pay', [atStart({ reason: 'more than 900', approval_expiration_time: '2099-01-01T13:00:00Z' })]);
    const id = await approval(handle);
    await polled(world, handle);
    const failure = async (): Promise<unknown> => (await handle.describe()).raw.pendingActivities?.[0]?.lastFailure;
    await expect.poll(failure).toMatchObject({
      stackTrace: '',
      applicationFailureInfo: { type: 'ApprovalPending', nonRetryable: false, category: BENIGN },
    });
    const { message } = (await failure()) as { readonly message: string };
    expect(message).toMatch(new RegExp(String.raw`^waiting for approval of pay \(${id}\) since \d{4}-\d\d-\d\d \d\d:\d\d UTC, expires 2099-01-01 13:00 UTC: more than 900$`, 'u'));
    expect(await handle.query('__temporal_workflow_metadata')).toMatchObject({ currentDetails: `OpenBox: ${message}` });
    const told = world.lines.filter(({ level, details }) => level === 'info' && details?.['workflowId'] === handle.workflowId);
    expect(told.map((line) => line.message)).toEqual([message.replace('w', 'W')]);
    await handle.terminate();
  });

  test('it is looked at by hitlPollIntervalMs, whatever the retry policy (fault: poll-interval-ignored)', async () => {
    await using rare = await world.worker({ hitlPollIntervalMs: '20s' });
    const handle = await start('pay', [atStart()], [], { options: { retry: { initialInterval: '1ms' } } }, rare.taskQueue);
    await polled(world, handle);
    const interval = async (): Promise<number> => Number((await handle.describe()).raw.pendingActivities?.[0]?.currentRetryInterval?.seconds ?? 0);
    // Less what the look itself took.
    await expect.poll(interval).toBeGreaterThan(10);
    expect(await interval()).toBeLessThanOrEqual(20);
    await handle.terminate();
  });

  test('a look that fails is no decision', async () => {
    const handle = await start('pay', [{ when: { call: 'governance/approval' }, answer: { status: 500, json: {} }, times: 1 }, atStart()]);
    const id = await approval(handle);
    await polled(world, handle);
    await world.core.approve(id);
    expect(await handle.result()).toEqual([[]]);
  });

  test.each<[string, Answer]>([
    ['garbage', { fault: 'garbage' }],
    ['neither id nor verdict', { json: {} }],
    ['another approval', { json: { verdict: 'allow', id: 'apr-other' } }],
    ['a connection that breaks', { fault: 'drop' }],
    ['nothing in time', { fault: 'never' }],
  ])('a look that brings %s is no decision', async (_what, answer) => {
    const handle = await start('pay', [{ when: { call: 'governance/approval' }, answer, times: 1 }, atStart()]);
    const id = await approval(handle);
    const { n } = await world.core.waitForEvent({ call: 'governance/approval', workflow_id: handle.workflowId });
    // Looked at once more: nothing was decided.
    await world.core.waitForEvent((event) => event.n > n && event.path.endsWith('/approval'), { timeoutMs: 20_000 });
    expect(effects).toEqual([]);
    await world.core.approve(id);
    expect(await handle.result()).toEqual([[]]);
    expect(effects).toEqual(['pay']);
  });

  test('a look that brings no verdict is no decision (fault: poll-without-verdict-grants)', async () => {
    // Without an id, the verdict alone tells one answer from another.
    const unnamed = atStart({ approval_id: null });
    const look = (answer: Answer, times?: number): Rule => ({ when: { call: 'governance/approval' }, answer, ...(times !== undefined && { times }) });
    const handle = await start('pay', [look({ json: {} }, 1), look({ verdict: 'require_approval', approval_id: null }), unnamed]);
    const { n } = await world.core.waitForEvent({ call: 'governance/approval', workflow_id: handle.workflowId });
    await world.core.waitForEvent((event) => event.n > n && event.path.endsWith('/approval'), { timeoutMs: 20_000 });
    expect(effects).toEqual([]);
    await world.core.setPolicy({ rules: [look({ verdict: 'allow' }), unnamed] });
    expect(await handle.result()).toEqual([[]]);
    expect(effects).toEqual(['pay']);
  });

  test('a worker that dies meanwhile is replaced: looked at on, not asked anew', async () => {
    const first = await world.worker();
    const handle = await start('pay', [atStart()], [], {}, first.taskQueue);
    const id = await approval(handle);
    await polled(world, handle);
    await first[Symbol.asyncDispose]();
    await using second = await world.worker({ taskQueue: first.taskQueue });
    expect(second.openbox.getState()).toBe('RUNNING');
    await world.core.approve(id);
    expect(await handle.result()).toEqual([[]]);
    expect(await world.core.approvals()).toHaveLength(1);
  });
});

describe('whatever attempts the activity has, none of them is used by the wait', () => {
  /** A look each 100 ms: so many take longer than any of these timeouts. */
  const LONGER = 20;
  test.each([
    ['with one attempt', { options: { retry: { maximumAttempts: 1 } } }],
    ['that heartbeats, longer than its timeout', { options: { retry: { maximumAttempts: 1 }, heartbeatTimeout: '1s' } }, LONGER],
    ['with less time than the wait takes', { options: { scheduleToCloseTimeout: '1500ms' } }, LONGER],
    ['that no policy retries', { options: { retry: { nonRetryableErrorTypes: ['ApprovalPending'] } } }],
    ['as a local activity', { local: true }],
    ['as a local activity with one attempt', { local: true, options: { retry: { maximumAttempts: 1 } } }],
  ])('%s: waited for, and run once (fault: approval-needs-attempts)', async (_how, options, looks = 3) => {
    const handle = await start('pay', [atStart()], [1], options);
    const id = await approval(handle);
    await expect.poll(async () => (await world.core.approvals())[0]?.polls, { timeout: 20_000 }).toBeGreaterThanOrEqual(looks);
    await world.core.approve(id);
    expect(await handle.result()).toEqual([[1]]);
    expect(effects).toEqual(['pay']);
    expect(attempts).toEqual([[1, undefined]]);
    expect(await started(handle)).toBe(2);
    expect(await world.core.approvals()).toHaveLength(1);
  });
});

test('parallel activities wait each for its own (fault: approval-shared-by-workflow)', async () => {
  const calls = [1, 2].map((n) => ({ activity: 'pay', args: [n], catches: true }));
  const handle = await world.start('together', [calls], { rules: [atStart()] });
  const first = await world.core.waitForApproval({ workflow_id: handle.workflowId, activity_id: '2' });
  const second = await world.core.waitForApproval({ workflow_id: handle.workflowId, activity_id: '3' });
  await world.core.reject(first.id, 'not this one');
  await world.core.approve(second.id);
  expect(await handle.result()).toMatchObject([{ failed: [{ name: 'ActivityFailure' }, { type: 'ApprovalRejected' }] }, [2]]);
  expect(effects).toEqual(['pay']);
});

test('an activity beside one that waits runs meanwhile (fault: approval-holds-up-others)', async () => {
  const calls = [1, 2].map((n) => ({ activity: 'pay', args: [n] }));
  const handle = await world.start('together', [calls], { rules: [wantsApproval({ event_type: 'ActivityStarted', activity_id: '2', hook: false })] });
  const { id } = await world.core.waitForApproval({ workflow_id: handle.workflowId });
  await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'ActivityCompleted', activity_id: '3' });
  expect(effects).toEqual(['pay']);
  await world.core.approve(id);
  expect(await handle.result()).toEqual([[1], [2]]);
  const asked = (await world.asked(handle.workflowId)).filter(({ activity_id }) => activity_id === '3');
  expect(stepsOf(asked)).toEqual(['ActivityStarted pay', 'ActivityCompleted pay']);
});

test('with hitlEnabled false nobody can be asked: refused (fault: approval-waved-through)', async () => {
  await using nobody = await world.worker({ hitlEnabled: false });
  const handle = await start('pay', [atStart()], [], {}, nobody.taskQueue);
  expect(await ending(handle)).toMatchObject({ failure: [{}, { type: 'GovernanceBlock', message: 'Approval required: please look' }] });
  expect(effects).toEqual([]);
});

test('skipHitlActivityTypes lets through, and says so', async () => {
  await using lenient = await world.worker({ skipHitlActivityTypes: ['pay'] });
  const handle = await start('pay', [atStart()], [1], {}, lenient.taskQueue);
  expect(await handle.result()).toEqual([[1]]);
  expect(world.lines.map(({ message }) => message)).toContain('Approval waved through for activity type "pay" (skipHitlActivityTypes)');
});

test('a cancelled wait ends as cancelled', async () => {
  const handle = await start('pay', [atStart()]);
  await polled(world, handle);
  await handle.cancel();
  const error: unknown = await handle.result().catch((failure: unknown) => failure);
  expect(chainOf((error as Error).cause)).toMatchObject([{ name: 'CancelledFailure' }]);
  expect(effects).toEqual([]);
});

testContract(world);
testSecrecy(world);
