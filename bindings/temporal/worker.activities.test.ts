import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure, CompleteAsyncError } from '@temporalio/common';
import { beforeEach, describe, expect, test } from 'vitest';
import { completed, kindsActivities, kindsBundle, replays } from './kinds.test-support.ts';
import { ending, stepsOf, testContract, testWorld, withSpan } from './test-support.ts';

let seen: unknown[] = [];
let token: Uint8Array = new Uint8Array();
const MEGABYTE = 1024 * 1024;

const activities = {
  ...kindsActivities,
  /** Beats once an attempt, and sees what the attempt before it said. */
  counts: async () => {
    const { heartbeatDetails, attempt } = Context.current().info;
    seen.push(heartbeatDetails);
    Context.current().heartbeat({ step: attempt });
    if (attempt < 3) throw new Error('not yet');
    return 'counted';
  },
  /** Hands itself over after an operation. */
  handedOver: async () => {
    token = Context.current().info.taskToken;
    await withSpan('hand over', () => 'handed over');
    throw new CompleteAsyncError();
  },
  grows: async (text: string) => text + text,
};

const world = testWorld({ activities, workflowBundle: await kindsBundle() });
beforeEach(() => void (seen = []));

const one = (activity: string, more: object = {}): readonly unknown[] => [[{ activity, ...more }]];
const asked = async ({ workflowId }: WorkflowHandle): Promise<readonly string[]> => stepsOf(await world.asked(workflowId));

test("heartbeat details are the next attempt's, as without us", async () => {
  const options = { retry: { initialInterval: '1ms' }, heartbeatTimeout: '10s' };
  const { result, handle } = await world.run('steps', one('counts', { options }));
  expect(result).toEqual(['counted']);
  expect(seen).toEqual([undefined, { step: 1 }, { step: 2 }]);
  await replays(handle);
});

describe('an activity that is ended from elsewhere', () => {
  const handedOver = async (): Promise<WorkflowHandle> => {
    const handle = await world.start('steps', one('handedOver', { catches: true, options: { retry: { maximumAttempts: 1 } } }));
    await world.core.waitForEvent({ workflow_id: handle.workflowId, function: 'hand over', stage: 'completed' });
    return handle;
  };
  const TOLD = ['WorkflowStarted', 'ActivityStarted handedOver', 'function_call/started', 'function_call/completed', 'WorkflowCompleted'];
  /** Temporal knows of it only when the attempt has ended. */
  const soon = async (end: () => Promise<void>): Promise<void> => {
    await expect.poll(() => end().then(() => true, () => false)).toBe(true);
  };

  test('by its id', async () => {
    const handle = await handedOver();
    await completed(world, handle);
    expect(await handle.result()).toEqual(['from elsewhere']);
    expect(await asked(handle)).toEqual(TOLD);
    await replays(handle);
  });

  test('by its token', async () => {
    const handle = await handedOver();
    await soon(() => world.client.activity.complete(token, { by: 'token' }));
    expect(await handle.result()).toEqual([{ by: 'token' }]);
    expect(await asked(handle)).toEqual(TOLD);
  });

  test('by a failure', async () => {
    const handle = await handedOver();
    await soon(() => world.client.activity.fail(token, ApplicationFailure.nonRetryable('elsewhere it failed', 'Elsewhere')));
    expect(await handle.result()).toMatchObject([{ failed: [{ name: 'ActivityFailure' }, { type: 'Elsewhere' }] }]);
    expect(await asked(handle)).toEqual(TOLD);
    await replays(handle);
  });

  test('is stopped by what stopped its operation before', async () => {
    const handle = await world.start('steps', one('handedOver', { catches: true }), {
      rules: [{ when: { function: 'hand over' }, answer: { verdict: 'block', reason: 'not handed over' } }],
    });
    expect(await handle.result()).toMatchObject([{ failed: [{}, { type: 'GovernanceBlock', message: 'Governance blocked: not handed over' }] }]);
  });
});

describe('what starts without a round trip to the server is governed too', () => {
  test.each([true, false])('activities, allowEagerDispatch %s', async (allowEagerDispatch) => {
    const { result, handle } = await world.run('steps', one('echo', { args: [1], options: { allowEagerDispatch } }));
    expect(result).toEqual([1]);
    expect(await asked(handle)).toEqual(['WorkflowStarted', 'ActivityStarted echo', 'ActivityCompleted echo', 'WorkflowCompleted']);
  });

  test('a workflow', async () => {
    const { result, handle } = await world.run('steps', one('echo', { args: [1] }), { options: { requestEagerStart: true } });
    expect(result).toEqual([1]);
    const [started] = (await handle.fetchHistory()).events ?? [];
    expect(started?.workflowExecutionStartedEventAttributes?.eagerExecutionAccepted).toBe(true);
    expect(await asked(handle)).toEqual(['WorkflowStarted', 'ActivityStarted echo', 'ActivityCompleted echo', 'WorkflowCompleted']);
  });
});

describe('what is large', () => {
  const large = 'x'.repeat(0.9 * MEGABYTE);

  test('comes and goes whole', async () => {
    const { result, asked: told } = await world.run('steps', one('grows', { args: [large] }));
    expect(result).toEqual([large + large]);
    expect(stepsOf(told)).toEqual(['WorkflowStarted', 'ActivityStarted grows', 'ActivityCompleted grows', 'WorkflowCompleted']);
  });

  test('by signal and update', async () => {
    const handle = await world.start('inbox', [{ wanted: 2 }]);
    await handle.signal('add', large);
    await handle.executeUpdate('put', { args: [large] });
    expect(await handle.result()).toEqual([large, large]);
    await replays(handle);
  });

  test('beyond what Temporal takes: fails as without us', async () => {
    await using without = await world.worker({ enforceTaskQueues: ['elsewhere'] });
    const calls = one('grows', { args: [large + large], catches: true, options: { retry: { maximumAttempts: 1 } } });
    const [ours, theirs] = [await world.run('steps', calls), await world.run('steps', calls, { taskQueue: without.taskQueue })];
    expect(ours.result).toMatchObject([{ failed: [{ name: 'ActivityFailure' }, {}] }]);
    expect(ours.result).toEqual(theirs.result);
    expect([ours.asked.length, theirs.asked.length]).toEqual([4, 0]);
  });
});

test('an activity that fails for good tells its end, and its workflow that of its own', async () => {
  const { failure, handle } = await world.run('steps', one('missing', { options: { retry: { maximumAttempts: 1 } } }));
  expect(failure).toMatchObject([{ name: 'ActivityFailure' }, { type: 'NotFoundError' }]);
  expect(await asked(handle)).toEqual(['WorkflowStarted', 'WorkflowFailed']);
  expect(await ending(handle)).toMatchObject({ failure: [{ name: 'ActivityFailure' }, {}] });
});

testContract(world);
