import { Context } from '@temporalio/activity';
import type { ActivityHandle } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { denying } from './denying.test-support.ts';
import { initialize } from './initialize.ts';
import { testPlainWorker } from './plain-worker.test-support.ts';
import { atHook, atStart, binding, chainOf, ending, plainBundle, stepsOf, testContract, testWorld, unique, withSpan, wantsApproval } from './test-support.ts';
import type { Call } from './workflow/test-support.ts';

/** Workflows without our interceptors: another language's, say. Their activities' own retries are the looks then. */
let effects: unknown[] = [];

const activities = {
  async pay(...args: unknown[]) {
    effects.push(args);
    return args;
  },
  async two_hooks() {
    const span = (name: string): Promise<string> => withSpan(name, () => (effects.push(name), name), { args: [name] });
    return [await span('one'), await span('two')];
  },
  async tries() {
    effects.push(Context.current().info.attempt);
    throw new Error('tried');
  },
};

const world = testWorld({ activities });
beforeEach(() => void (effects = []));

const plain = testPlainWorker(world);

const start = (call: Call, rules: NonNullable<Parameters<typeof world.start>[2]>['rules']): ReturnType<typeof world.start> =>
  world.start('steps', [[{ ...call, options: { taskQueue: world.taskQueue, ...call.options } }]], { ...(rules && { rules }), taskQueue: plain });

const decide = async (handle: { readonly workflowId: string }, polls = 2): Promise<void> => {
  const { id } = await world.core.waitForApproval({ workflow_id: handle.workflowId });
  await expect.poll(async () => (await world.core.approvals())[0]?.polls, { timeout: 20_000 }).toBeGreaterThanOrEqual(polls);
  await world.core.approve(id);
};

test.each([
  ['with one attempt', { retry: { maximumAttempts: 1 } }],
  ['with many', {}],
])('an activity %s waits by its own retries', async (_how, options) => {
  const handle = await start({ activity: 'pay', args: [1], options }, [atStart()]);
  const { id } = await world.core.waitForApproval({ workflow_id: handle.workflowId });
  const waiting = new RegExp(String.raw`^waiting for approval of pay \(${id}\) since \d{4}-.* UTC, expires .* UTC: please look$`, 'u');
  await expect.poll(async () => (await handle.describe()).raw.pendingActivities?.[0]?.lastFailure, { timeout: 20_000 }).toMatchObject({ message: expect.stringMatching(waiting) as string, stackTrace: '' });
  await decide(handle);
  expect(await handle.result()).toEqual([[1]]);
  expect(effects).toEqual([[1]]);
  // Said once, however many looks it took.
  const told = world.lines.filter(({ level, details }) => level === 'info' && details?.['workflowId'] === handle.workflowId);
  expect(told.map(({ message }) => message)).toEqual([expect.stringMatching(/^Waiting for approval of pay \(apr-/u)]);
  expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['ActivityStarted pay', 'ActivityStarted pay', 'ActivityCompleted pay']);
  expect(await world.core.approvals()).toHaveLength(1);
});

test('its attempts are its own after the wait', async () => {
  const handle = await start({ activity: 'tries', options: { retry: { maximumAttempts: 2, initialInterval: '1ms' } } }, [atStart({}, 1)]);
  await decide(handle);
  expect(await ending(handle)).toMatchObject({ failure: [{}, { message: 'tried' }] });
  expect(effects).toHaveLength(2);
});

test('one that may run once only waits in place where something has run', async () => {
  const handle = await start({ activity: 'two_hooks', options: { retry: { maximumAttempts: 1 } } }, [atStart({}, 1), atHook('two')]);
  await decide(handle);
  await decide(handle);
  expect(await handle.result()).toEqual([['one', 'two']]);
  expect(effects).toEqual(['one', 'two']);
});

test('at its end it waits in place', async () => {
  const handle = await start({ activity: 'pay', args: [1] }, [wantsApproval({ event_type: 'ActivityCompleted' })]);
  await decide(handle);
  expect(await handle.result()).toEqual([[1]]);
  expect(effects).toEqual([[1]]);
});

test.each([
  ['at its start', atStart()],
  ['at an operation', atHook('two')],
])('a local activity waits in place %s', async (_where, rule) => {
  // Workflows without us and activities with us in one worker: only by hand.
  await using parts = await initialize(binding, { openboxUrl: world.core.url, openboxApiKey: world.core.apiKey, hitlPollIntervalMs: 100 });
  const taskQueue = unique('plain-local');
  const worker = await Worker.create({
    connection: world.connection,
    taskQueue,
    workflowBundle: await plainBundle(),
    activities: { ...activities, ...parts.activities },
    interceptors: { activity: [...parts.interceptors.activity] },
  });
  await worker.runUntil(async () => {
    const handle = await world.start('steps', [[{ activity: 'two_hooks', local: true }]], { rules: [rule], taskQueue });
    await decide(handle);
    expect(await handle.result()).toEqual([['one', 'two']]);
  });
  expect(effects).toEqual(['one', 'two']);
});

describe('where Temporal does not let the limit be raised', () => {
  let proxy: Awaited<ReturnType<typeof denying>>;
  let connection: NativeConnection;
  beforeAll(async () => {
    proxy = await denying('UpdateActivityOptions', 'UpdateActivityExecutionOptions');
    connection = await NativeConnection.connect({ address: proxy.address });
  });
  afterAll(async () => {
    await connection.close();
    proxy.close();
  });

  test('the last attempt fails, and says what to do', async () => {
    await using denied = await world.worker({ connection });
    const handle = await start({ activity: 'pay', options: { taskQueue: denied.taskQueue, retry: { maximumAttempts: 2, initialInterval: '1ms' } } }, [atStart()]);
    const { failure } = await ending(handle);
    expect(failure).toMatchObject([{ name: 'ActivityFailure' }, { type: 'ApprovalPending' }]);
    expect(failure?.[1]?.message).toMatch(/nobody waits for it: this was the last attempt, the workflow has no interceptors of OpenBox, and Temporal did not let us add an attempt .* Bundle the workflow with them, or allow more attempts$/u);
    expect(effects).toEqual([]);
  });
});

describe('an activity that no workflow scheduled', () => {
  const alone = async (activity: string, args: readonly unknown[], retry: object = {}): Promise<ActivityHandle & { readonly workflowId: string }> => {
    const id = unique('alone');
    const handle = await world.client.activity.start(activity, { id, taskQueue: world.taskQueue, args: [...args], startToCloseTimeout: '20s', ...retry });
    return Object.assign(handle, { workflowId: id });
  };

  test.each([
    ['with one attempt', { retry: { maximumAttempts: 1 } }],
    ['with many', {}],
  ])('%s waits by its own retries (fault: standalone-activity-cannot-wait)', async (_how, retry) => {
    await world.core.clear();
    await world.core.setPolicy({ rules: [atStart()] });
    const handle = await alone('pay', [1], retry);
    await decide(handle);
    expect(await handle.result()).toEqual([1]);
    expect(effects).toEqual([[1]]);
  });

  test('rejected: fails with the reason', async () => {
    await world.core.clear();
    await world.core.setPolicy({ rules: [atStart()] });
    const handle = await alone('pay', [1], { retry: { maximumAttempts: 1 } });
    await world.core.reject((await world.core.waitForApproval({ workflow_id: handle.workflowId })).id, 'no');
    const error: unknown = await handle.result().catch((failure: unknown) => failure);
    expect(chainOf(error)).toMatchObject([{}, { type: 'ApprovalRejected', message: 'Activity rejected: no' }]);
  });
});

testContract(world);
