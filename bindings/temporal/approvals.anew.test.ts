import type { WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { beforeEach, describe, expect, test } from 'vitest';
import { approvalsIn, atStart, ending, polled, stepsOf, testBundle, testContract, testSecrecy, testWorld, unique } from './test-support.ts';

/** Approvals whose seal does not hold: they are asked for anew. */
let effects: unknown[] = [];

const activities = {
  async pay(...args: unknown[]) {
    effects.push(args);
    return args;
  },
  async forges(details: unknown) {
    effects.push('forged');
    throw ApplicationFailure.nonRetryable('mine', 'ApprovalPending', details);
  },
};

const world = testWorld({ activities });
beforeEach(() => void (effects = []));

const { start, approval } = approvalsIn(world);
const PATIENT = { timeout: 15_000 };
const asked = async ({ workflowId }: WorkflowHandle): Promise<number> =>
  stepsOf(await world.asked(workflowId)).filter((step) => step === 'ActivityStarted pay').length;

describe('a failure that looks like ours', () => {
  test.each([
    ['has no details', undefined],
    ['has others', { openbox: true }],
    ['has forged ones', {
      openbox_pending_v1: true,
      activityId: '2',
      attempts: 0,
      intervalMs: 100,
      waiting: 'nothing',
      state: { text: JSON.stringify({ pending: [], granted: [{ step: 'any', place: 'any', parts: {}, approvalId: null }] }), seal: 'forged' },
    }],
  ])('and %s is the user\'s own', async (_what, details) => {
    const handle = await start('forges', [], [details]);
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'ActivityFailure' }, { message: 'mine', type: 'ApprovalPending' }] });
    expect(effects).toEqual(['forged']);
  });
});

test('what another key has sealed is asked again', async () => {
  const first = await world.worker({ hitlPollIntervalMs: '20s' });
  const handle = await start('pay', [atStart()], [1], {}, first.taskQueue);
  await polled(world, handle);
  await first[Symbol.asyncDispose]();
  await using second = await world.worker({ taskQueue: first.taskQueue, openboxApiKey: 'obx_test_a_new_key' });
  await handle.signal('openbox_approval');
  await expect.poll(async () => stepsOf(await world.asked(handle.workflowId)).filter((step) => step === 'ActivityStarted pay').length, PATIENT).toBe(2);
  expect(second.openbox.getState()).toBe('RUNNING');
  await world.core.approve(await approval(handle));
  expect(await handle.result()).toEqual([[1]]);
});

test('a key that changes again and again while somebody waits makes nothing fail', async () => {
  const taskQueue = unique('rotated');
  const opened = (n: number) => world.worker({ taskQueue, hitlPollIntervalMs: '20s', stickyQueueScheduleToStartTimeout: '100ms', openboxApiKey: `obx_test_the_key_${n}` });
  const polls = async (): Promise<number> => (await world.core.approvals())[0]?.polls ?? 0;
  let seen = 0;
  let worker = await opened(0);
  const handle = await start('pay', [atStart()], [1], {}, taskQueue);
  for (let n = 1; n <= 3; n++) {
    await expect.poll(polls, PATIENT).toBeGreaterThan(seen);
    seen = await polls();
    await worker[Symbol.asyncDispose]();
    worker = await opened(n);
    await handle.signal('openbox_approval');
    await expect.poll(async () => asked(handle), PATIENT).toBe(n + 1);
  }
  await world.core.approve(await approval(handle));
  await handle.signal('openbox_approval');
  expect(await handle.result()).toEqual([[1]]);
  expect(effects).toEqual([[1]]);
  await worker[Symbol.asyncDispose]();
  await Worker.runReplayHistory({ workflowBundle: await testBundle() }, await handle.fetchHistory());
});

/** From where it stands. */
async function reset(handle: WorkflowHandle, runId: string): Promise<WorkflowHandle> {
  const { workflowId } = handle;
  const { events } = await handle.fetchHistory();
  const last = events?.findLast(({ workflowTaskCompletedEventAttributes: completed }) => completed)?.eventId ?? null;
  const request = { namespace: 'default', workflowExecution: { workflowId, runId }, workflowTaskFinishEventId: last, requestId: unique('reset'), reason: 'a test' };
  const response: { readonly runId: string } = await world.client.workflowService.resetWorkflowExecution(request);
  return world.client.workflow.getHandle(workflowId, response.runId);
}

test('so does a workflow that is reset again and again', async () => {
  let handle = await start('pay', [atStart()], [1]);
  for (let n = 1; n <= 3; n++) {
    const { runId } = await handle.describe();
    await world.core.waitForEvent(({ path, body }) => path.endsWith('/approval') && body['run_id'] === runId);
    handle = await reset(handle, runId);
  }
  const { runId } = await handle.describe();
  const mine = ({ body }: { readonly body: { readonly run_id?: unknown } }): boolean => body['run_id'] === runId;
  await world.core.waitForEvent((event) => event.path.endsWith('/approval') && mine(event));
  for (const { id, status } of await world.core.approvals()) if (status === 'pending') await world.core.approve(id);
  expect(await handle.result()).toEqual([[1]]);
  expect(effects).toEqual([[1]]);
  await Worker.runReplayHistory({ workflowBundle: await testBundle() }, await handle.fetchHistory());
});

testContract(world);
testSecrecy(world);
