import type { WorkflowHandle } from '@temporalio/client';
import { type ActivityInterceptorsFactory, Worker, type WorkflowBundle } from '@temporalio/worker';
import { beforeEach, describe, expect, test } from 'vitest';
import { workflowInterceptorModules } from './bundle.ts';
import { kindsActivities, kindsPath } from './kinds.test-support.ts';
import { pluginOf, plainlyCreated } from './plugin.test-support.ts';
import { bundle, ending, stepsOf, testContract, testWorld } from './test-support.ts';

const world = testWorld({ activities: kindsActivities });

const ORDERS: Readonly<Record<string, readonly string[]>> = {
  'before ours': [kindsPath, ...workflowInterceptorModules],
  'after ours': [...workflowInterceptorModules, kindsPath],
};
const bundles = new Map<string, Promise<WorkflowBundle>>();
const bundled = (order: string): Promise<WorkflowBundle> => {
  const made = bundles.get(order) ?? bundle({ workflowsPath: kindsPath, workflowInterceptorModules: [...(ORDERS[order] ?? [])] });
  bundles.set(order, made);
  return made;
};

const BLOCK = { verdict: 'block', reason: 'not this one' };

describe.each(Object.keys(ORDERS))("the user's own workflow interceptors, %s, which wait and change what passes", (order) => {
  const played = async (play: (taskQueue: string) => Promise<WorkflowHandle>): Promise<WorkflowHandle> => {
    await using worker = await world.worker({ workflowBundle: await bundled(order) });
    const handle = await play(worker.taskQueue);
    await ending(handle);
    await Worker.runReplayHistory({ workflowBundle: await bundled(order) }, await handle.fetchHistory(), handle.workflowId);
    return handle;
  };

  test('activities, local ones, children: Core is shown what runs', async () => {
    const calls = [{ activity: 'echo', args: [1] }, { activity: 'echo', args: [2], local: true }];
    const handle = await played((taskQueue) => world.start('steps', [calls], { taskQueue }));
    expect(await handle.result()).toEqual({ theirs: [['theirs', 1, 'too'], ['theirs', 2, 'too']] });
    const asked = await world.asked(handle.workflowId);
    expect(asked.filter(({ event_type }) => event_type === 'ActivityStarted').map((body) => body['activity_input'])).toEqual([['theirs', 1, 'too'], ['theirs', 2, 'too']]);
    expect(stepsOf(asked).at(-1)).toBe('WorkflowCompleted');
    const parent = await played((taskQueue) => world.start('parent', ['ends', 'well'], { taskQueue }));
    expect(await parent.result()).toEqual({ theirs: { theirs: 'well' } });
  });

  test.each(['ActivityStarted', 'ActivityCompleted'])('what waits at %s comes back with the arguments that it had', async (event_type) => {
    const calls = [{ activity: 'echo', args: [1] }, { activity: 'echo', args: [2], local: true }];
    const handle = await played(async (taskQueue) => {
      const waiting = await world.start('steps', [calls], { taskQueue, rules: [{ when: { event_type, hook: false }, answer: { verdict: 'require_approval' } }] });
      for (let n = 0; n < calls.length; n++) await world.core.approve((await world.core.waitForApproval({ workflow_id: waiting.workflowId })).id);
      return waiting;
    });
    expect(await handle.result()).toEqual({ theirs: [['theirs', 1, 'too'], ['theirs', 2, 'too']] });
    const shown = (await world.asked(handle.workflowId)).filter((body) => body.event_type === 'ActivityStarted').map((body) => body['activity_input']);
    expect(new Set(shown.map((args) => JSON.stringify(args)))).toEqual(new Set(['["theirs",1,"too"]', '["theirs",2,"too"]']));
  });

  test('signals and updates: asked in order, and blocked', async () => {
    const handle = await played(async (taskQueue) => {
      const rules = [{ when: { signal_name: 'put' }, answer: BLOCK }, { when: { signal_name: 'add' }, answer: { ...BLOCK, delay_ms: 100 } }];
      const started = await world.start('inbox', [{ wanted: 1, after: [{ activity: 'echo', args: [1], catches: true }] }], { taskQueue, rules });
      await expect(started.executeUpdate('put', { args: ['x'] })).rejects.toMatchObject({ cause: { type: 'GovernanceBlock' } });
      await started.signal('add', 'y');
      return started;
    });
    expect(await handle.result()).toMatchObject({ theirs: ['y', { failed: [{ name: 'ActivityFailure' }, { type: 'GovernanceBlock' }] }] });
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'SignalReceived put', 'SignalReceived add', 'WorkflowCompleted']);
  });

  test('continue-as-new: each run tells its end', async () => {
    const handle = await played((taskQueue) => world.start('rolls', [1], { taskQueue }));
    expect(await handle.result()).toEqual({ theirs: 'rolled out' });
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(['WorkflowStarted', 'WorkflowCompleted', 'WorkflowStarted', 'WorkflowCompleted']);
  });
});

describe("the user's own activity interceptors", () => {
  let passed: string[] = [];
  beforeEach(() => void (passed = []));
  /** Changes what goes in and what comes out. */
  const named =
    (name: string): ActivityInterceptorsFactory =>
    ({ info }) =>
      info.activityType === 'echo'
        ? {
            inbound: {
              async execute(input, next) {
                passed.push(`${name} in`);
                const result = await next({ ...input, args: [`${name} ${String(input.args[0])}`] });
                passed.push(`${name} out`);
                return `${String(result)} ${name}`;
              },
            },
          }
        : {};
  const call = [[{ activity: 'echo', args: ['x'], catches: true }]];

  test('run inside ours, in their order: Core is shown what was called and what came out in the end', async () => {
    await using worker = await world.worker({ interceptors: { activity: [named('a'), named('b')] } });
    const { result, asked } = await world.run('steps', call, { taskQueue: worker.taskQueue });
    expect(result).toEqual(['b a x b a']);
    expect(passed).toEqual(['a in', 'b in', 'b out', 'a out']);
    expect(asked[1]).toMatchObject({ event_type: 'ActivityStarted', activity_input: ['x'] });
    expect(asked[2]).toMatchObject({ event_type: 'ActivityCompleted', activity_output: 'b a x b a' });
  });

  test('run for nothing that is stopped', async () => {
    await using worker = await world.worker({ interceptors: { activity: [named('a')] } });
    const rules = [{ when: { event_type: 'ActivityStarted' }, answer: BLOCK }];
    const { result } = await world.run('steps', call, { taskQueue: worker.taskQueue, rules });
    expect(result).toMatchObject([{ failed: [{}, { type: 'GovernanceBlock' }] }]);
    expect(passed).toEqual([]);
  });

  test.each(['before', 'after'])('of a plugin %s ours', async (place) => {
    const theirs = {
      name: 'theirs',
      configureWorker: <O extends { readonly interceptors?: { readonly activity?: ActivityInterceptorsFactory[] } }>(given: O): O => ({
        ...given,
        interceptors: { ...given.interceptors, activity: [named('p'), ...(given.interceptors?.activity ?? [])] },
      }),
    };
    const plugins = place === 'before' ? [theirs, pluginOf(world)] : [pluginOf(world), theirs];
    const worker = await plainlyCreated(world, { activities: kindsActivities, plugins });
    const { result, asked } = await worker.runUntil(() => world.run('steps', call, { taskQueue: worker.options.taskQueue }));
    expect(result).toEqual(['p x p']);
    // One that puts itself in front of ours is outside: Core is shown what it makes of the call.
    expect(asked[1]?.['activity_input']).toEqual([place === 'before' ? 'x' : 'p x']);
  });
});

testContract(world);
