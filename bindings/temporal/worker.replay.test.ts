import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { Worker } from '@temporalio/worker';
import { DeterminismViolationError } from '@temporalio/workflow';
import { describe, expect, test } from 'vitest';
import { resolveConfig } from '../../core/config.ts';
import { prepareBundle } from './bundle.ts';
import { ending, historyText, idle, plainBundle, stepsOf, testBundle, testWorld, unique } from './test-support.ts';

const activities = { echo: async (value: unknown) => value };

const world = testWorld({ activities });

/** A worker that ends is soon forgotten: the next one is asked at once. */
const FORGETS = { stickyQueueScheduleToStartTimeout: '100ms' };
const BLOCK = { verdict: 'block', reason: 'not this one' };

/** With the line that the host writes in front, and without it. */
async function replays(handle: WorkflowHandle): Promise<void> {
  const history = await handle.fetchHistory();
  const bundle = await testBundle();
  const config = resolveConfig({ openboxUrl: 'http://localhost', openboxApiKey: 'obx_test_replay', skipSignals: ['add'] });
  await Worker.runReplayHistory({ workflowBundle: bundle }, history, handle.workflowId);
  await Worker.runReplayHistory({ workflowBundle: await prepareBundle(bundle, config) }, history, handle.workflowId);
}

type Working = AsyncDisposable & { readonly taskQueue: string };

/** A worker without us on a task queue. */
async function plainWorker(taskQueue: string): Promise<Working> {
  const worker = await Worker.create({
    connection: world.connection,
    taskQueue,
    workflowBundle: await plainBundle(),
    activities,
    ...FORGETS,
  });
  const running = worker.run();
  return {
    taskQueue,
    async [Symbol.asyncDispose]() {
      worker.shutdown();
      await running;
    },
  };
}

/** Everything a workflow can do with the world, in one history after the other. */
async function runThem(taskQueue: string): Promise<WorkflowHandle[]> {
  const start = (workflow: string, ...args: unknown[]): Promise<WorkflowHandle> =>
    world.client.workflow.start(workflow, { taskQueue, workflowId: unique(workflow), args, workflowExecutionTimeout: '40s' });
  const other = await start('inbox', { wanted: 1 });
  const inbox = await start('inbox', {
    wanted: 3,
    within: { activity: 'echo', args: ['within'] },
    after: [{ activity: 'echo', args: ['then'] }, { activity: 'echo', args: ['local'], local: true }],
    tells: { child: 'ends', signal: other.workflowId },
  });
  await inbox.executeUpdate('put', { args: ['put'] });
  await inbox.signal('add', 'add');
  const handles = [
    inbox,
    other,
    await start('steps', [{ activity: 'echo', args: [1] }, { activity: 'echo', args: [2], local: true }]),
    await start('together', [{ activity: 'echo', args: [1] }, { activity: 'echo', args: [2] }]),
    await start('bursts', (await start('inbox', { wanted: 1 })).workflowId),
    await start('ends', 'application'),
    await start('strict'),
    await start('parent', 'ends', 'well'),
    await start('rolls', 1),
  ];
  const waiting = await start('waits');
  await waiting.cancel();
  await Promise.all([...handles, waiting].map(ending));
  return [...handles, waiting];
}

test('histories made without us replay with us (fault: await-breaks-replay)', async () => {
  await using plain = await plainWorker(unique('plain'));
  for (const handle of await runThem(plain.taskQueue)) {
    expect(await historyText(handle)).not.toContain('openbox');
    await replays(handle);
  }
});

describe('histories made with us replay with us', () => {
  test('where everything was allowed', async () => {
    await world.core.setPolicy({});
    for (const handle of await runThem(world.taskQueue)) {
      expect(await historyText(handle)).toContain('openbox-v2-start');
      await replays(handle);
    }
  });

  test('where signals and updates were slow and blocked', async () => {
    const options = { wanted: 2, after: [{ activity: 'echo', args: ['after'], catches: true }], tells: { child: 'ends' } };
    const handle = await world.start('inbox', [options], {
      rules: [
        { when: { signal_name: 'put' }, answer: BLOCK },
        { when: { signal_name: 'add' }, answer: { ...BLOCK, delay_ms: 200 } },
      ],
    });
    await handle.executeUpdate('put', { args: ['x'] }).catch(() => undefined);
    await handle.signal('add', 1);
    await handle.signal('add', 2);
    const blocked = { failed: [{}, { type: 'GovernanceBlock' }] };
    expect(await handle.result()).toMatchObject([1, 2, blocked, blocked]);
    await replays(handle);
  });

  test('as JSON, the way fixtures are kept', async () => {
    const handle = await world.start('steps', [[{ activity: 'echo', args: ['kept'] }]]);
    await handle.result();
    const json = JSON.parse(historyToJSON(await handle.fetchHistory())) as { readonly events: readonly unknown[] };
    expect(json.events.length).toBeGreaterThan(20);
    await Worker.runReplayHistory({ workflowBundle: await testBundle() }, json, handle.workflowId);
  });

  test('and one that was tampered with does not', async () => {
    const handle = await world.start('steps', [[{ activity: 'echo', args: ['kept'] }]]);
    await handle.result();
    const history = await handle.fetchHistory();
    for (const { activityTaskScheduledEventAttributes: scheduled } of history.events ?? []) {
      if (scheduled?.activityType?.name === 'echo') scheduled.activityType.name = 'other';
    }
    await expect(Worker.runReplayHistory({ workflowBundle: await testBundle() }, history)).rejects.toThrow(DeterminismViolationError);
  });
});

describe('a workflow under way outlives a change', () => {
  type Opens = (taskQueue: string) => Promise<Working>;

  /** Starts with one worker, goes on with another. */
  async function across(first: Opens, second: Opens): Promise<WorkflowHandle> {
    const taskQueue = unique('changing');
    await world.core.clear();
    await world.core.setPolicy({});
    const before = await first(taskQueue);
    const handle = await world.client.workflow.start('inbox', {
      taskQueue,
      workflowId: unique('inbox'),
      args: [{ wanted: 2, after: [{ activity: 'echo', args: ['then'] }] }],
    });
    await handle.signal('add', 1);
    expect(await handle.query('items')).toEqual([1]);
    await idle(handle);
    await before[Symbol.asyncDispose]();
    await using after = await second(taskQueue);
    expect(after.taskQueue).toBe(before.taskQueue);
    await handle.signal('add', 2);
    expect(await handle.result()).toEqual([1, 2, 'then']);
    await replays(handle);
    return handle;
  }
  const ours = (options: object = {}): Opens => (taskQueue) => world.worker({ taskQueue, ...FORGETS, ...options });

  test('from without us to with us: told from then on', async () => {
    const handle = await across(plainWorker, ours());
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual([
      'SignalReceived add',
      'ActivityStarted echo',
      'ActivityCompleted echo',
      'WorkflowCompleted',
    ]);
  });

  test('from governed to skipped: what was begun goes on, nothing new begins', async () => {
    const handle = await across(ours(), ours({ skipWorkflowTypes: ['inbox'], skipActivityTypes: ['echo'] }));
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'SignalReceived add', 'SignalReceived add']);
  });

  test('from skipped signals to asked ones', async () => {
    const handle = await across(ours({ skipSignals: ['add'], skipActivityTypes: ['echo'] }), ours({ skipActivityTypes: ['echo'] }));
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'WorkflowCompleted']);
  });

  test('between task queues and policies', async () => {
    const handle = await across(ours({ governancePolicy: 'fail_closed' }), ours({ enforceTaskQueues: ['elsewhere'] }));
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'SignalReceived add', 'SignalReceived add']);
  });

  test('to without us, which docs/operations.md warns of: its tasks fail, it is found, and goes on once we are back', async () => {
    const taskQueue = unique('rolled-back');
    await world.core.setPolicy({});
    const before = await ours()(taskQueue);
    const handle = await world.client.workflow.start('inbox', { taskQueue, workflowId: unique('inbox'), args: [{ wanted: 1, after: [{ activity: 'echo', args: ['then'] }] }] });
    await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowStarted' });
    expect(await handle.query('items')).toEqual([]);
    await idle(handle);
    await before[Symbol.asyncDispose]();
    {
      await using _without = await plainWorker(taskQueue);
      await handle.signal('add', 1);
      await expect.poll(() => historyText(handle), { timeout: 15_000 }).toContain('Nondeterminism error');
      const found = `ExecutionStatus = 'Running' AND TaskQueue = '${taskQueue}' AND TemporalChangeVersion IN ('openbox-v2-start', 'openbox-v2-signal', 'openbox-v2-complete', 'openbox-v2-failed')`;
      await expect.poll(async () => (await world.client.workflow.count(found)).count, { timeout: 10_000 }).toBe(1);
    }
    await using _back = await ours()(taskQueue);
    expect(await handle.result()).toEqual([1, 'then']);
    expect(stepsOf(await world.asked(handle.workflowId)).slice(-4)).toEqual(['SignalReceived add', 'ActivityStarted echo', 'ActivityCompleted echo', 'WorkflowCompleted']);
    await replays(handle);
  }, 90_000);
});
