import { Context } from '@temporalio/activity';
import { ApplicationFailure, CompleteAsyncError } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import type { Payload } from '../../conformance/testing.ts';
import { type Ended, ending, historyText, stepsOf, testContract, testSecrecy, testWorld } from './test-support.ts';

const activities = {
  echo: async (...args: unknown[]) => (args.length === 1 ? args[0] : args),
  nothing: async () => {},
  odd: async () => ({ ratio: NaN, most: -Infinity }),
  refuse: async () => {
    const cause = ApplicationFailure.create({ message: 'card too short', type: 'RangeError' });
    throw ApplicationFailure.create({ message: 'payment refused', type: 'PaymentRefused', nonRetryable: true, cause });
  },
  fail_once: async () => {
    if (Context.current().info.attempt === 1) throw new TypeError('not yet');
    return 'then';
  },
  asynchronous: async () => {
    throw new CompleteAsyncError();
  },
  patient: async () => {
    for (;;) {
      Context.current().heartbeat();
      await Context.current().sleep(50);
    }
  },
};

const world = testWorld({ activities });

const TIME = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/) as unknown;

test('a workflow with an activity: exactly these events, exactly these fields', async () => {
  const { result, workflowId, handle, asked } = await world.run('steps', [[{ activity: 'echo', args: [{ a: 1 }, 'b'] }]]);
  const { runId: run_id } = await handle.describe();
  const common = { source: 'workflow-telemetry', workflow_id: workflowId, run_id, workflow_type: 'steps', timestamp: TIME };
  const task_queue = world.taskQueue;
  const activity = {
    ...common,
    activity_id: '2',
    activity_type: 'echo',
    task_queue,
    attempt: 1,
    activity_input: [{ a: 1 }, 'b'],
  };
  expect(result).toEqual([[{ a: 1 }, 'b']]);
  expect(asked).toEqual([
    { ...common, event_type: 'WorkflowStarted', task_queue, activity_input: [[{ activity: 'echo', args: [{ a: 1 }, 'b'] }]] },
    { ...activity, event_type: 'ActivityStarted' },
    {
      ...activity,
      event_type: 'ActivityCompleted',
      status: 'completed',
      start_time: expect.any(Number) as unknown,
      end_time: expect.any(Number) as unknown,
      duration_ms: expect.any(Number) as unknown,
      span_count: 0,
      spans: [],
      activity_output: [{ a: 1 }, 'b'],
      error: null,
    },
    { ...common, event_type: 'WorkflowCompleted', workflow_output: [[{ a: 1 }, 'b']] },
  ]);
});

test('no arguments are an empty list, no result is null', async () => {
  const { asked } = await world.run('steps', [[{ activity: 'nothing' }]]);
  expect(asked[1]).toMatchObject({ event_type: 'ActivityStarted', activity_input: [] });
  expect(asked[2]).toMatchObject({ event_type: 'ActivityCompleted', activity_input: [], activity_output: null });
  const ended = await world.run('ends', ['nothing']);
  expect(ended.asked.at(-1)).toMatchObject({ event_type: 'WorkflowCompleted', workflow_output: null });
});

test('signals: exactly these fields', async () => {
  const handle = await world.start('inbox', [{ wanted: 2 }]);
  // Before its handlers are there, signals wait in the order of the handlers.
  await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowStarted' });
  await handle.signal('add', { sku: 'A-1' });
  await handle.signal('poke');
  expect(await handle.result()).toEqual([{ sku: 'A-1' }, 'poke']);
  const asked = await world.asked(handle.workflowId);
  expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'SignalReceived add', 'SignalReceived poke', 'WorkflowCompleted']);
  expect(asked[1]).toEqual({
    source: 'workflow-telemetry',
    event_type: 'SignalReceived',
    workflow_id: handle.workflowId,
    run_id: (await handle.describe()).runId,
    workflow_type: 'inbox',
    task_queue: world.taskQueue,
    signal_name: 'add',
    signal_args: [{ sku: 'A-1' }],
    timestamp: TIME,
  });
  expect(asked[2]).toMatchObject({ signal_name: 'poke', signal_args: [] });
});

test('an activity that fails and runs again tells both attempts', async () => {
  const retry = { initialInterval: '1ms', maximumAttempts: 2 };
  const { result, asked } = await world.run('steps', [[{ activity: 'fail_once', options: { retry } }]]);
  expect(result).toEqual(['then']);
  const activity = asked.filter(({ activity_type }) => activity_type === 'fail_once');
  expect(activity.map(({ event_type, attempt, status, error }) => [event_type, attempt, status, error])).toEqual([
    ['ActivityStarted', 1, undefined, undefined],
    ['ActivityCompleted', 1, 'failed', { type: 'TypeError', message: 'not yet' }],
    ['ActivityStarted', 2, undefined, undefined],
    ['ActivityCompleted', 2, 'completed', null],
  ]);
});

test('a local activity tells the same', async () => {
  const { result, asked } = await world.run('steps', [[{ activity: 'echo', args: [1], local: true }]]);
  expect(result).toEqual([1]);
  expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'ActivityStarted echo', 'ActivityCompleted echo', 'WorkflowCompleted']);
});

describe('a workflow that fails', () => {
  test('by its own failure', async () => {
    const { failure, asked } = await world.run('ends', ['application']);
    expect(failure).toMatchObject([{ type: 'OrderRejected', message: 'order rejected', details: [{ order: 7 }] }]);
    expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'WorkflowFailed']);
    const [started] = asked;
    expect(asked[1]).toEqual({
      source: 'workflow-telemetry',
      event_type: 'WorkflowFailed',
      workflow_id: started?.workflow_id,
      run_id: started?.run_id,
      workflow_type: 'ends',
      timestamp: TIME,
      error: { type: 'ApplicationFailure', message: 'order rejected' },
    });
  });

  test('with causes', async () => {
    const { asked } = await world.run('ends', ['chain']);
    expect(asked.at(-1)?.['error']).toEqual({
      type: 'ApplicationFailure',
      message: 'order rejected',
      cause: { type: 'ApplicationFailure', message: 'no such order', error_type: 'KeyError', non_retryable: false },
      root_cause: { type: 'RangeError', message: 'bad quantity' },
    });
  });

  test('by an activity', async () => {
    const { failure, asked } = await world.run('steps', [[{ activity: 'refuse' }]]);
    expect(failure?.map(({ name }) => name)).toEqual(['ActivityFailure', 'ApplicationFailure', 'ApplicationFailure']);
    expect(asked.at(-1)?.['error']).toEqual({
      type: 'ActivityFailure',
      message: 'Activity task failed',
      cause: { type: 'ApplicationFailure', message: 'payment refused', error_type: 'PaymentRefused', non_retryable: true },
      root_cause: { type: 'ApplicationFailure', message: 'card too short', error_type: 'RangeError' },
    });
  });

  test('by an error that its options name', async () => {
    const { failure, asked } = await world.run('strict', []);
    expect(failure).toMatchObject([{ message: 'a bug' }]);
    expect(asked.at(-1)).toMatchObject({ event_type: 'WorkflowFailed', error: { type: 'TypeError', message: 'a bug' } });
  });
});

test('an error that fails only the workflow task tells nothing, for the workflow lives (fault: living-workflow-told-as-failed)', async () => {
  const { result, handle, asked } = await world.run('buggy', []);
  expect(result).toBe('mended');
  expect(await historyText(handle)).toContain('a bug');
  expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'WorkflowCompleted']);
});

describe('cancellation', () => {
  test('a cancelled workflow failed with CancelledFailure (fault: cancelled-workflow-untold)', async () => {
    const handle = await world.start('waits', []);
    await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowStarted' });
    await handle.cancel();
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'CancelledFailure' }] });
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    const asked = await world.asked(handle.workflowId);
    expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'WorkflowFailed']);
    expect(asked[1]?.['error']).toEqual({ type: 'CancelledFailure', message: 'Workflow cancelled' });
  });

  test('a cancelled activity failed with CancelledFailure, and so did its workflow (fault: cancellation-told-as-crash, cancelled-activity-told-as-completed)', async () => {
    const handle = await world.start('waits', [{ activity: 'patient', options: { heartbeatTimeout: '1s' } }]);
    await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'ActivityStarted' });
    await handle.cancel();
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'CancelledFailure' }] });
    expect((await handle.describe()).status.name).toBe('CANCELLED');
    const { body } = await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'ActivityCompleted' });
    expect(body).toMatchObject({ status: 'failed', activity_output: null, error: { type: 'CancelledFailure' } });
    const { body: end } = await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowFailed' });
    expect(end['error']).toMatchObject({ type: 'CancelledFailure' });
  });

  test('an activity that is cancelled while Core thinks about its start ends at once, and never runs', async () => {
    const options = { heartbeatTimeout: '1s', cancellationType: 'WAIT_CANCELLATION_COMPLETED' };
    const handle = await world.start('waits', [{ activity: 'patient', options }], {
      rules: [{ when: { event_type: 'ActivityStarted' }, answer: { verdict: 'allow', delay_ms: 40_000 } }],
    });
    await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'ActivityStarted' });
    await handle.cancel();
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'CancelledFailure' }] });
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'ActivityStarted patient', 'WorkflowFailed']);
  });
});

test('an activity that is completed from elsewhere tells its start', async () => {
  const { workflowId, ...handle } = await world.start('steps', [[{ activity: 'asynchronous' }]]);
  await world.core.waitForEvent({ workflow_id: workflowId, event_type: 'ActivityStarted' });
  const complete = (): Promise<boolean> =>
    world.client.activity.complete({ workflowId, activityId: '2' }, 'from elsewhere').then(() => true, () => false);
  await expect.poll(complete).toBe(true);
  expect(await handle.result()).toEqual(['from elsewhere']);
  expect(stepsOf(await world.asked(workflowId))).toEqual(['WorkflowStarted', 'ActivityStarted asynchronous', 'WorkflowCompleted']);
});

test('continue-as-new completes each run with a null output (fault: continue-as-new-untold)', async () => {
  const { result, asked } = await world.run('rolls', [1]);
  expect(result).toBe('rolled out');
  expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'WorkflowCompleted', 'WorkflowStarted', 'WorkflowCompleted']);
  expect([asked[1], asked[3]].map((body) => body?.['workflow_output'])).toEqual([null, 'rolled out']);
  expect(new Set(asked.map(({ run_id }) => run_id)).size).toBe(2);
});

describe('a workflow that ends in the handler of a signal', () => {
  const endedBy = async (how: string, ...args: unknown[]): Promise<readonly [Ended, readonly Payload[]]> => {
    const handle = await world.start('endsInHandler', args);
    await handle.signal('add', how);
    return [await ending(handle), (await world.asked(handle.workflowId)).filter(({ event_type }) => event_type !== 'SignalReceived')];
  };

  test('tells that it failed, and why', async () => {
    const [ended, asked] = await endedBy('application');
    expect(ended).toMatchObject({ failure: [{ type: 'OrderRejected', message: 'order rejected' }] });
    expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'WorkflowFailed']);
    expect(asked[1]?.['error']).toMatchObject({ message: 'order rejected' });
  });

  test('while its function returns tells the first of both ends, and lives until that is answered', async () => {
    const [ended, asked] = await endedBy('application', false, true);
    expect(ended).toMatchObject({ failure: [{ type: 'OrderRejected', message: 'order rejected' }] });
    expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'WorkflowFailed']);
  });

  test('after its function has returned is complete all the same', async () => {
    const handle = await world.start('endsInHandler', [false, true], { rules: [{ when: { event_type: 'WorkflowCompleted' }, answer: { verdict: 'allow', delay_ms: 1000 } }] });
    await handle.signal('add', 'well');
    await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowCompleted' });
    await handle.signal('add', 'application');
    expect(await handle.result()).toBe('rolled out');
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'SignalReceived add', 'WorkflowCompleted', 'SignalReceived add']);
  });

  test('tells that it is complete where it continues as new', async () => {
    const [ended, asked] = await endedBy('rolls');
    expect(ended).toEqual({ result: 'rolled out' });
    expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'WorkflowCompleted', 'WorkflowStarted', 'WorkflowCompleted']);
    expect(asked[1]?.['workflow_output']).toBeNull();
  });
});

test('a child workflow tells its own events, and who its parent is', async () => {
  const { result, workflowId, asked } = await world.run('parent', ['ends', 'well']);
  expect(result).toBe('well');
  expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'WorkflowCompleted']);
  const child = (await world.core.events()).map(({ body }) => body).filter(({ workflow_type }) => workflow_type === 'ends');
  expect(stepsOf(child)).toEqual(['WorkflowStarted', 'WorkflowCompleted']);
  expect(child[0]).toMatchObject({ parent_workflow_id: workflowId, parent_run_id: asked[0]?.run_id });
  expect(asked[0]).not.toHaveProperty('parent_workflow_id');
});

test('values that are no JSON make no event unsendable', async () => {
  const { result, asked } = await world.run('steps', [[{ activity: 'echo', args: [new Uint8Array([1, 2, 3])] }]]);
  expect(result).toHaveLength(1);
  expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'ActivityStarted echo', 'ActivityCompleted echo', 'WorkflowCompleted']);
});

test('an output that is no number ends no workflow under fail_closed (fault: odd-number-ends-workflow)', async () => {
  await using closed = await world.worker({ governancePolicy: 'fail_closed' });
  const { result, asked } = await world.run('steps', [[{ activity: 'odd' }]], { taskQueue: closed.taskQueue });
  expect(result).toEqual([{ ratio: null, most: null }]);
  expect(asked[2]).toMatchObject({ event_type: 'ActivityCompleted', activity_output: { ratio: null, most: null } });
});

test('a huge argument is cut in the event, and the workflow runs with all of it', async () => {
  const huge = 'x'.repeat(1_500_000);
  const { result, asked } = await world.run('ends', [huge]);
  expect(result).toBe(huge);
  expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'WorkflowCompleted']);
  expect(JSON.stringify(asked[0]).length).toBeLessThan(1_100_000);
});

testContract(world);
testSecrecy(world);
