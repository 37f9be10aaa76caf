import { Worker, type WorkerPlugin } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import type { OpenBoxOptions } from '../../core/config-options.ts';
import { barePlugin, plainlyCreated, pluginOf } from './plugin.test-support.ts';
import { type Changes, idle, plainBundle, stepsOf, testBundle, testContract, testWorld, unique, workflowsPath } from './test-support.ts';

const activities = { echo: async (value: unknown) => value };

const world = testWorld({ activities });

/** A worker that ends is soon forgotten: the next one is asked at once. */
const create = (more: Changes): Promise<Worker> => plainlyCreated(world, { activities, stickyQueueScheduleToStartTimeout: '100ms', ...more });

type Creates = (taskQueue: string) => Promise<Worker>;

const governed = (options: OpenBoxOptions = {}, more: Changes = {}): Creates => (taskQueue) => create({ taskQueue, plugins: [pluginOf(world, options)], ...more });
const onTheSpot = (options: OpenBoxOptions = {}): Creates => governed(options, { workflowBundle: undefined, workflowsPath });
const ungoverned: Creates = async (taskQueue) => create({ taskQueue, workflowBundle: await plainBundle() });

const OFF: OpenBoxOptions = { skipWorkflowTypes: ['inbox'], skipActivityTypes: ['echo'] };

/** Asked from the second signal on. */
const SINCE = ['SignalReceived add', 'ActivityStarted echo', 'ActivityCompleted echo', 'WorkflowCompleted'];
/** What began asked goes on so. */
const BEGUN = ['WorkflowStarted', 'SignalReceived add', 'SignalReceived add'];

/** A workflow that is begun by one worker and ended by another, and replays; returns what Core was asked about it. */
async function across(first: Creates, second: Creates): Promise<readonly string[]> {
  const taskQueue = unique('changing');
  const before = await first(taskQueue);
  const handle = await before.runUntil(async () => {
    const started = await world.start('inbox', [{ wanted: 2, after: [{ activity: 'echo', args: ['then'] }] }], { taskQueue });
    await started.signal('add', 1);
    expect(await started.query('items')).toEqual([1]);
    await idle(started);
    return started;
  });
  const after = await second(taskQueue);
  await after.runUntil(async () => {
    await handle.signal('add', 2);
    expect(await handle.result()).toEqual([1, 2, 'then']);
  });
  await Worker.runReplayHistory({ workflowBundle: await testBundle(), plugins: [barePlugin()] }, await handle.fetchHistory(), handle.workflowId);
  return stepsOf(await world.asked(handle.workflowId));
}

describe('a workflow under way outlives a change of options', () => {
  test.each<[string, Creates, Creates, readonly string[]]>([
    ['off to on: what began unasked stays so, what is new is asked', governed(OFF), governed(), SINCE],
    ['on to off: what began asked stays so, nothing new is', governed(), governed(OFF), BEGUN],
    ['off to on, with bundles made on the spot', onTheSpot(OFF), onTheSpot(), SINCE],
    ['on to off, with bundles made on the spot', onTheSpot(), onTheSpot(OFF), BEGUN],
    ['no plugin to a plugin', ungoverned, governed(), SINCE],
  ])('from %s', async (_what, first, second, expected) => {
    expect(await across(first, second)).toEqual(expected);
  });
});

describe('patches that are not ours', () => {
  const asks = async (more: Changes): Promise<unknown> => {
    const worker = await create(more);
    const { result, asked } = await worker.runUntil(() => world.run('patchy', [], { taskQueue: worker.options.taskQueue }));
    expect(stepsOf(asked)).toEqual(['WorkflowStarted', 'WorkflowCompleted']);
    return result;
  };

  test('are on where nobody decides', async () => {
    expect(await asks({ plugins: [pluginOf(world)] })).toBe(true);
  });

  test("are the user's to decide", async () => {
    const patches: string[] = [];
    const patchActivationCallback = ({ patchId }: { patchId: string }): boolean => patches.push(patchId) > 1;
    expect(await asks({ plugins: [pluginOf(world)], patchActivationCallback })).toBe(false);
    expect(patches).toEqual(['the-users-own']);
  });

  test("are a plugin's to decide that stands before ours", async () => {
    const decides: WorkerPlugin = { name: 'decides', configureWorker: (given) => ({ ...given, patchActivationCallback: () => false }) };
    expect(await asks({ plugins: [decides, pluginOf(world)] })).toBe(false);
  });
});

testContract(world);
