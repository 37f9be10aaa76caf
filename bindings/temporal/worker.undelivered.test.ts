import { Worker } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { type OpenBoxOptions, resolveConfig } from '../../core/config.ts';
import { prepareBundle } from './bundle.ts';
import { initialize } from './initialize.ts';
import { binding, type Changes, type Ended, ending, historyText, idle, testBundle, testContract, testWorld, unique } from './test-support.ts';

const world = testWorld({ activities: {}, governancePolicy: 'fail_closed', governanceTimeout: 500 });

const FORGETS = { stickyQueueScheduleToStartTimeout: '100ms' } as const;

/** Options with which a worker halts none of the workflows that are under way here. */
const LENIENT: readonly [string, OpenBoxOptions][] = [
  ['skipWorkflowTypes', { skipWorkflowTypes: ['inbox'] }],
  ['enforceTaskQueues', { enforceTaskQueues: ['elsewhere'] }],
  ['mode', { mode: 'observe' }],
];

/** A worker that cannot send events: it lacks the activity. */
async function lacking(taskQueue: string, options: OpenBoxOptions): Promise<AsyncDisposable> {
  const { url, apiKey } = world.core;
  const parts = await initialize(binding, { openboxUrl: url, openboxApiKey: apiKey, governancePolicy: 'fail_closed', ...options });
  const worker = await Worker.create({
    connection: world.connection,
    taskQueue,
    workflowBundle: await parts.prepareBundle(await testBundle()),
    // One of any kind: it polls.
    activities: { async other() {} },
    interceptors: { activity: [...parts.interceptors.activity] },
    patchActivationCallback: parts.patchActivationCallback,
    ...FORGETS,
  });
  const running = worker.run();
  return {
    async [Symbol.asyncDispose]() {
      worker.shutdown();
      await running;
      await parts.close();
    },
  };
}

const whole = (taskQueue: string, options: OpenBoxOptions): Promise<AsyncDisposable> => world.worker({ taskQueue, ...FORGETS, ...(options as Changes) });

/** A workflow that has asked about a signal, and gets another one once another worker has taken over. */
async function underWay(second: typeof lacking, options: OpenBoxOptions): Promise<Ended & { readonly handle: Awaited<ReturnType<typeof world.start>> }> {
  const taskQueue = unique('changing');
  const first = await whole(taskQueue, {});
  const rules = [{ when: { event_type: 'SignalReceived' }, answer: { verdict: 'allow' as const }, times: 1 }, { when: { event_type: 'SignalReceived' }, answer: { status: 500, json: {} } }];
  const handle = await world.start('inbox', [{ wanted: 2 }], { taskQueue, rules });
  await handle.signal('add', 1);
  await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'SignalReceived' });
  await idle(handle);
  await first[Symbol.asyncDispose]();
  await using _second = await second(taskQueue, options);
  await handle.signal('add', 2);
  return { ...(await ending(handle)), handle };
}

describe.each([
  ['that no worker can send', lacking, { name: 'ApplicationFailure', type: 'GovernanceHalt' }],
  ['that finds no Core', whole, { name: 'TerminatedFailure' }],
] as const)('an event %s, under fail_closed, of a workflow under way', (_what, second, failure) => {
  test('halts it', async () => {
    expect((await underWay(second, {})).failure).toMatchObject([failure]);
  });

  test.each(LENIENT)('does not where the worker is not to govern it any more (%s)', async (_option, options) => {
    const { handle, ...ended } = await underWay(second, options);
    expect(ended).toEqual({ result: [1, 2] });
    // It was to be asked about all the same: a run keeps what its history says.
    expect((await historyText(handle)).match(/"event_type":"SignalReceived"/gu)).toHaveLength(2);
    // A worker that governs it replays the same.
    const config = resolveConfig({ openboxUrl: 'http://localhost', openboxApiKey: 'obx_test_replay', governancePolicy: 'fail_closed' });
    await Worker.runReplayHistory({ workflowBundle: await prepareBundle(await testBundle(), config) }, await handle.fetchHistory(), handle.workflowId);
  });
});

testContract(world);
