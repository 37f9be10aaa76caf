import { WithStartWorkflowOperation, WorkflowUpdateFailedError } from '@temporalio/client';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { chainOf, ending, historyText, runtimeLog, stepsOf, testContract, testSecrecy, testWorld, unique, type World } from './test-support.ts';
import type { InboxOptions } from './workflow/test-support.ts';

let ran: unknown[] = [];
const activities = {
  async echo(value: unknown) {
    ran.push(value);
    return value;
  },
};

const world = testWorld({ activities, skipSignals: ['poke'] });
beforeEach(() => void (ran = []));

const inbox = (options: InboxOptions, rules: readonly Rule[] = []): ReturnType<World['start']> => world.start('inbox', [options], { rules });

const of = (signal_name: string, answer: object, times?: number): Rule => ({
  when: { event_type: 'SignalReceived', signal_name },
  answer,
  ...(times !== undefined && { times }),
});
const BLOCK = { verdict: 'block', reason: 'not this one', policy_id: 'pol-1' };
const UNATTENDED = 'Governance blocked: OpenBox Core wants an approval, which nobody can wait for at a signal or update: ask me';
const BLOCKED = { type: 'GovernanceBlock', message: 'Governance blocked: not this one' };

describe('a signal', () => {
  test('is handled at once, while Core is still thinking (fault: signal-delayed)', async () => {
    const handle = await inbox({ wanted: 2 }, [of('add', { verdict: 'allow', delay_ms: 1000 }, 1)]);
    await handle.signal('add', 'first');
    expect(await handle.query('items')).toEqual(['first']);
    await handle.signal('add', 'second');
    expect(await handle.result()).toEqual(['first', 'second']);
  });

  test('that ends its workflow is not lost, and is told', async () => {
    const handle = await inbox({ wanted: 1 });
    await handle.signal('add', 'last');
    expect(await handle.result()).toEqual(['last']);
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'SignalReceived add', 'WorkflowCompleted']);
  });

  test('that starts its workflow is not lost, and is told after the start', async () => {
    await world.run('ends', ['well']);
    const handle = await world.client.workflow.signalWithStart('inbox', {
      taskQueue: world.taskQueue,
      workflowId: unique('inbox'),
      args: [{ wanted: 1 }],
      signal: 'add',
      signalArgs: ['early'],
    });
    expect(await handle.result()).toEqual(['early']);
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'SignalReceived add', 'WorkflowCompleted']);
  });

  test('that starts a workflow which ends in the same tick is not lost either (fault: signal-lost)', async () => {
    const handle = await world.client.workflow.signalWithStart('eager', {
      taskQueue: world.taskQueue,
      workflowId: unique('eager'),
      signal: 'add',
      signalArgs: ['early'],
    });
    expect(await handle.result()).toEqual(['early']);
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'SignalReceived add', 'WorkflowCompleted']);
  });

  test('keeps its order with others, each asked once the one before is answered', async () => {
    const handle = await inbox({ wanted: 3 }, [of('add', { verdict: 'allow', delay_ms: 700 }, 1)]);
    for (const item of [1, 2, 3]) await handle.signal('add', item);
    expect(await handle.result()).toEqual([1, 2, 3]);
    const signals = (await world.core.events()).filter(({ body }) => body.event_type === 'SignalReceived');
    expect(signals.map(({ body }) => body['signal_args'])).toEqual([[1], [2], [3]]);
    const [first, second] = signals.map(({ at }) => at);
    expect(Number(second) - Number(first)).toBeGreaterThanOrEqual(700);
  });

  test('is shown whole while it waits its turn', async () => {
    const handle = await inbox({ wanted: 2 }, [of('add', { verdict: 'allow', delay_ms: 300 }, 1)]);
    await handle.signal('add', { a: 1 });
    await handle.signal('add', { b: 2 });
    await handle.result();
    expect((await world.asked(handle.workflowId))[2]?.['signal_args']).toEqual([{ b: 2 }]);
  });

  test('of skipSignals is not asked about, and the history says so', async () => {
    const handle = await inbox({ wanted: 1 });
    await handle.signal('poke');
    expect(await handle.result()).toEqual(['poke']);
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'WorkflowCompleted']);
    expect(await historyText(handle)).toContain('"openbox-v2-skip-signal:poke"');
  });

  test('that needs an approval has nobody to ask, and is blocked', async () => {
    const handle = await inbox({ wanted: 1, after: [{ activity: 'echo', args: ['after'], catches: true }] }, [
      of('add', { verdict: 'require_approval', reason: 'ask me' }),
    ]);
    await handle.signal('add', 'x');
    expect(await handle.result()).toMatchObject(['x', { failed: [{}, { type: 'GovernanceBlock', message: UNATTENDED }] }]);
    expect(ran).toEqual([]);
  });
});

describe("a signal's BLOCK stops what comes next", () => {
  test('an activity', async () => {
    const handle = await inbox({ wanted: 1, after: [{ activity: 'echo', args: ['after'] }] }, [of('add', BLOCK)]);
    await handle.signal('add', 'x');
    const { failure } = await ending(handle);
    expect(failure).toMatchObject([
      { name: 'ActivityFailure', message: 'Activity task failed' },
      { name: 'ApplicationFailure', ...BLOCKED, details: [{ verdict: 'block', reason: 'not this one', policyId: 'pol-1', identifier: 'add' }] },
    ]);
    expect(runtimeLog.filter((line) => line.includes('OpenBox: Governance blocked: not this one; the signal "add" stops whatever comes next in this workflow')).length).toBeGreaterThan(0);
    expect(ran).toEqual([]);
    const asked = await world.asked(handle.workflowId);
    expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'SignalReceived add', 'WorkflowFailed']);
    expect(asked[2]?.['error']).toMatchObject({ type: 'ActivityFailure', cause: { error_type: 'GovernanceBlock', non_retryable: true } });
  });

  test('an activity that its own handler calls', async () => {
    const handle = await inbox({ wanted: 2, within: { activity: 'echo', args: ['within'], catches: true } }, [of('add', BLOCK)]);
    await handle.signal('add', 'x');
    expect(await handle.result()).toMatchObject(['x', { failed: [{ name: 'ActivityFailure' }, BLOCKED] }]);
    expect(ran).toEqual([]);
  });

  test('a local activity', async () => {
    const handle = await inbox({ wanted: 1, after: [{ activity: 'echo', args: ['after'], local: true, catches: true }] }, [of('add', BLOCK)]);
    await handle.signal('add', 'x');
    expect(await handle.result()).toMatchObject(['x', { failed: [{ name: 'ApplicationFailure', ...BLOCKED }] }]);
    expect(ran).toEqual([]);
  });

  test('a child workflow', async () => {
    const handle = await inbox({ wanted: 1, tells: { child: 'ends' } }, [of('add', BLOCK)]);
    await handle.signal('add', 'x');
    expect(await handle.result()).toMatchObject(['x', { failed: [{ name: 'ChildWorkflowFailure' }, BLOCKED] }]);
    expect((await world.core.events()).filter(({ body }) => body.workflow_type === 'ends')).toEqual([]);
  });

  test('a signal to another workflow', async () => {
    const other = await world.start('inbox', [{ wanted: 1 }]);
    const handle = await world.client.workflow.start('inbox', {
      taskQueue: world.taskQueue,
      workflowId: unique('inbox'),
      args: [{ wanted: 1, tells: { signal: other.workflowId } }],
    });
    await world.core.setPolicy({ rules: [of('add', BLOCK)] });
    await handle.signal('add', 'x');
    expect(await handle.result()).toMatchObject(['x', { failed: [BLOCKED] }]);
    expect(await other.query('items')).toEqual([]);
    await other.terminate();
  });

  test('the next run', async () => {
    const handle = await inbox({ wanted: 1, rolls: true }, [of('add', { ...BLOCK, delay_ms: 300 })]);
    await handle.signal('add', 'x');
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'ApplicationFailure', ...BLOCKED }] });
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'SignalReceived add', 'WorkflowFailed']);
  });

  test('even where the answer came long before', async () => {
    const handle = await inbox({ wanted: 2, after: [{ activity: 'echo', args: ['after'] }] }, [of('add', BLOCK, 1)]);
    await handle.signal('add', 'x');
    await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'SignalReceived' });
    await handle.signal('poke');
    expect(await ending(handle)).toMatchObject({ failure: [{}, BLOCKED] });
    expect(ran).toEqual([]);
  });
});

test("a signal's HALT terminates the workflow as soon as it is known (fault: signal-halt-late)", async () => {
  const handle = await inbox({ wanted: 5 }, [of('add', { verdict: 'halt', reason: 'stop everything' })]);
  await handle.signal('add', 'x');
  expect(await ending(handle)).toMatchObject({ failure: [{ name: 'TerminatedFailure', message: 'Governance HALT: stop everything' }] });
});

describe('an update', () => {
  test('is asked about before its handler runs, as a signal of its name', async () => {
    const handle = await inbox({ wanted: 1 });
    expect(await handle.executeUpdate('put', { args: [{ sku: 1 }] })).toBe(1);
    expect(await handle.result()).toEqual([{ sku: 1 }]);
    const asked = await world.asked(handle.workflowId);
    expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'SignalReceived put', 'WorkflowCompleted']);
    expect(asked[1]).toMatchObject({ signal_name: 'put', signal_args: [{ sku: 1 }], task_queue: world.taskQueue });
  });

  test('that is blocked fails and changes nothing; nothing else is stopped by it (fault: update-ungoverned)', async () => {
    const handle = await inbox({ wanted: 1, after: [{ activity: 'echo', args: ['after'] }] }, [of('put', BLOCK)]);
    const error: unknown = await handle.executeUpdate('put', { args: ['x'] }).catch((failure: unknown) => failure);
    expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
    expect(chainOf((error as Error).cause)).toMatchObject([{ name: 'ApplicationFailure', ...BLOCKED }]);
    expect(await handle.query('items')).toEqual([]);
    await handle.signal('add', 'fine');
    expect(await handle.result()).toEqual(['fine', 'after']);
  });

  test('that needs an approval has nobody to ask, and is blocked', async () => {
    const handle = await inbox({ wanted: 1 }, [of('put', { verdict: 'require_approval', reason: 'ask me' })]);
    const error: unknown = await handle.executeUpdate('put', { args: ['x'] }).catch((failure: unknown) => failure);
    expect(chainOf((error as WorkflowUpdateFailedError).cause)).toMatchObject([{ type: 'GovernanceBlock', message: UNATTENDED }]);
    await handle.signal('add', 'a signal');
    expect(await handle.result()).toEqual(['a signal']);
  });

  test('that starts its workflow is answered (fault: early-update-rejected)', async () => {
    await world.run('ends', ['well']);
    const startWorkflowOperation = new WithStartWorkflowOperation('inbox', {
      taskQueue: world.taskQueue,
      workflowId: unique('inbox'),
      args: [{ wanted: 1 }],
      workflowIdConflictPolicy: 'FAIL',
    });
    expect(await world.client.workflow.executeUpdateWithStart('put', { args: ['early'], startWorkflowOperation })).toBe(1);
    const handle = await startWorkflowOperation.workflowHandle();
    expect(await handle.result()).toEqual(['early']);
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'SignalReceived put', 'WorkflowCompleted']);
  });
});

test('queries are not asked about', async () => {
  const handle = await inbox({ wanted: 1 });
  expect(await handle.query('items')).toEqual([]);
  await handle.signal('poke');
  await handle.result();
  expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'WorkflowCompleted']);
});

testContract(world);
testSecrecy(world);
