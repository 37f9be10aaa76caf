import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { completed, kindsActivities, kindsBundle, replays } from './kinds.test-support.ts';
import { ending, stepsOf, testContract, testWorld, unique } from './test-support.ts';

const world = testWorld({ activities: kindsActivities, workflowBundle: await kindsBundle(), skipSignals: ['quiet'] });

const signalled = (answer: object): Rule => ({ when: { signal_name: 'add' }, answer });
const BLOCK = { verdict: 'block', reason: 'not this one' };
const HALT = { verdict: 'halt', reason: 'stop everything' };

/**
 * A workflow whose last activity and a signal reach it in one workflow task: no worker runs while both come in.
 */
async function closing(how: string, rules: readonly Rule[] = []): Promise<WorkflowHandle> {
  const taskQueue = unique('ticks');
  const open = { taskQueue, stickyQueueScheduleToStartTimeout: '100ms' };
  const before = await world.worker(open);
  const handle = await world.start('closes', [how], { taskQueue, rules });
  await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'ActivityStarted' });
  await completedWithoutWorker(before, handle);
  await handle.signal('add', 'last');
  await using _after = await world.worker(open);
  await ending(handle);
  return handle;
}

async function completedWithoutWorker(worker: AsyncDisposable, handle: WorkflowHandle): Promise<void> {
  // Its activity hands itself over before the worker ends.
  await worker[Symbol.asyncDispose]();
  await completed(world, handle);
}

/** The first run: a handle of the chain shows the last. */
const firstRun = (handle: WorkflowHandle): WorkflowHandle =>
  world.client.workflow.getHandle(handle.workflowId, (handle as { readonly firstExecutionRunId?: string }).firstExecutionRunId);

const kindsOf = async (handle: WorkflowHandle): Promise<readonly string[]> =>
  stepsOf(await world.asked(handle.workflowId)).filter((step) => !step.startsWith('Activity'));

describe('a signal in the very tick in which the workflow', () => {
  test('returns: is handled, told, and told first', async () => {
    const handle = await closing('returns');
    expect(await handle.result()).toEqual(['last']);
    expect(await kindsOf(handle)).toEqual(['WorkflowStarted', 'SignalReceived add', 'WorkflowCompleted']);
    await replays(handle);
  });

  test('fails: is handled, told, and told first', async () => {
    const handle = await closing('fails');
    expect(await ending(handle)).toMatchObject({ failure: [{ type: 'Closed', details: [['last']] }] });
    expect(await kindsOf(handle)).toEqual(['WorkflowStarted', 'SignalReceived add', 'WorkflowFailed']);
    await replays(handle);
  });

  test('continues as new: the next run has it', async () => {
    const handle = await closing('rolls');
    expect(await handle.result()).toEqual(['last']);
    expect(await kindsOf(handle)).toEqual([
      'WorkflowStarted',
      'SignalReceived add',
      'WorkflowCompleted',
      'WorkflowStarted',
      'WorkflowCompleted',
    ]);
    await replays(firstRun(handle));
    await replays(handle);
  });
});

describe('its BLOCK, where the workflow', () => {
  test('returns, has nothing left to stop', async () => {
    const handle = await closing('returns', [signalled(BLOCK)]);
    expect(await handle.result()).toEqual(['last']);
    await replays(handle);
  });

  test("fails, leaves the workflow's own failure in place", async () => {
    const handle = await closing('fails', [signalled(BLOCK)]);
    expect(await ending(handle)).toMatchObject({ failure: [{ type: 'Closed' }] });
    await replays(handle);
  });

  test('continues as new, stops the next run', async () => {
    const handle = await closing('rolls', [signalled({ ...BLOCK, delay_ms: 200 })]);
    expect(await ending(handle)).toMatchObject({ failure: [{ type: 'GovernanceBlock', message: 'Governance blocked: not this one' }] });
    expect(await kindsOf(handle)).toEqual(['WorkflowStarted', 'SignalReceived add', 'WorkflowFailed']);
    await replays(handle);
  });
});

test.each(['returns', 'fails', 'rolls'])('its HALT terminates a workflow that %s, and nothing is told after it', async (how) => {
  const handle = await closing(how, [signalled({ ...HALT, delay_ms: 200 })]);
  expect(await ending(handle)).toMatchObject({ failure: [{ name: 'TerminatedFailure', message: 'Governance HALT: stop everything' }] });
  expect(await kindsOf(handle)).toEqual(['WorkflowStarted', 'SignalReceived add']);
});

describe('an update', () => {
  test('that is halted terminates the workflow, and its caller is told', async () => {
    const handle = await world.start('inbox', [{ wanted: 2 }], { rules: [{ when: { signal_name: 'put' }, answer: HALT }] });
    await expect(handle.executeUpdate('put', { args: ['x'] })).rejects.toThrow();
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'TerminatedFailure', message: 'Governance HALT: stop everything' }] });
    expect(await kindsOf(handle)).toEqual(['WorkflowStarted', 'SignalReceived put']);
  });

  test('of skipSignals is not asked about', async () => {
    await using skips = await world.worker({ skipSignals: ['put'] });
    const handle = await world.start('inbox', [{ wanted: 1 }], { taskQueue: skips.taskQueue, rules: [{ when: { signal_name: 'put' }, answer: BLOCK }] });
    expect(await handle.executeUpdate('put', { args: ['x'] })).toBe(1);
    expect(await handle.result()).toEqual(['x']);
    expect(await kindsOf(handle)).toEqual(['WorkflowStarted', 'WorkflowCompleted']);
    await replays(handle);
  });

  test('is asked in its turn among signals, and holds no handler of theirs up', async () => {
    const slow = { when: { signal_name: ['add', 'put'] }, answer: { verdict: 'allow', delay_ms: 500 } };
    const handle = await world.start('inbox', [{ wanted: 3 }], { rules: [slow] });
    await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowStarted' });
    await handle.signal('add', 1);
    const put = await handle.startUpdate('put', { args: [2], waitForStage: 'ACCEPTED' });
    await handle.signal('add', 3);
    expect(await put.result()).toBe(3);
    expect(await handle.result()).toEqual([1, 3, 2]);
    expect(await kindsOf(handle)).toEqual(['WorkflowStarted', 'SignalReceived add', 'SignalReceived put', 'SignalReceived add', 'WorkflowCompleted']);
    await replays(handle);
  });

  test('whose answer is out when the workflow ends is still answered', async () => {
    const slow = { when: { signal_name: 'put' }, answer: { verdict: 'allow', delay_ms: 700 } };
    const handle = await world.start('inbox', [{ wanted: 1 }], { rules: [slow] });
    await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowStarted' });
    const put = handle.executeUpdate('put', { args: ['late'] });
    await world.core.waitForEvent({ workflow_id: handle.workflowId, signal_name: 'put' });
    await handle.signal('add', 'ends it');
    expect(await put).toBe(2);
    expect(await handle.result()).toEqual(['ends it', 'late']);
    await replays(handle);
  });
});

testContract(world);
