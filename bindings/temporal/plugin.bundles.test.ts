import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SimplePlugin } from '@temporalio/plugin';
import { type BundlerPlugin, bundleWorkflowCode, DefaultLogger, Worker, type WorkerPlugin } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../tools/temporary-folder.ts';
import { workflowInterceptorModules } from './bundle.ts';
import { askedBy, barePlugin, plainlyCreated, pluginOf } from './plugin.test-support.ts';
import { type Changes, type Ran, plainBundle, runtimeLog, testWorld, unique, workflowsPath } from './test-support.ts';

const activities = { echo: async (value: unknown) => value };

const world = testWorld({ activities });

const ONCE = ['WorkflowStarted', 'ActivityStarted echo', 'ActivityCompleted echo', 'WorkflowCompleted'];
const ON_THE_SPOT = { workflowBundle: undefined, workflowsPath };

const create = (more: Changes): Promise<Worker> => plainlyCreated(world, { activities, plugins: [pluginOf(world)], ...more });

const asked = (worker: Worker): Promise<readonly string[]> => askedBy(world, worker, 'echo');

/** How an activity went. */
async function run(worker: Worker): Promise<Ran> {
  const { taskQueue } = worker.options;
  return worker.runUntil(() => world.run('steps', [[{ activity: 'echo', args: [1] }]], { taskQueue }));
}

describe('made before', () => {
  test('with the plugin, which needs neither URL nor key for that', async () => {
    const workflowBundle = await bundleWorkflowCode({ workflowsPath, plugins: [barePlugin()], logger: new DefaultLogger('ERROR') });
    expect(await asked(await create({ workflowBundle }))).toEqual(ONCE);

    const codePath = join(temporaryFolder(), 'bundle.js');
    await writeFile(codePath, workflowBundle.code);
    expect(await asked(await create({ workflowBundle: { codePath } }))).toEqual(ONCE);
  });

  const REFUSAL = {
    code: 'OPENBOX_CONFIG_INVALID',
    option: 'workflowBundle',
    message: expect.stringContaining('bundleWorkflowCode({ workflowsPath, plugins: [new OpenBoxPlugin()] })') as unknown,
  };

  test('without it: refused by workers and on replay, by code and by path', async () => {
    const workflowBundle = await plainBundle();
    await expect(create({ workflowBundle })).rejects.toMatchObject(REFUSAL);

    const codePath = join(temporaryFolder(), 'bundle.js');
    await writeFile(codePath, workflowBundle.code);
    await expect(create({ workflowBundle: { codePath } })).rejects.toMatchObject(REFUSAL);

    const { handle } = await world.run('ends', ['well']);
    const history = await handle.fetchHistory();
    await expect(Worker.runReplayHistory({ workflowBundle, plugins: [barePlugin()] }, history)).rejects.toMatchObject(REFUSAL);
    await Worker.runReplayHistory({ workflowsPath, plugins: [barePlugin()] }, history);
  });
});

describe('made on the spot', () => {
  test('with the configuration, and without a warning', async () => {
    const seen = runtimeLog.length;
    expect(await asked(await create(ON_THE_SPOT))).toEqual(ONCE);
    expect(runtimeLog.slice(seen)).toEqual([]);
  });

  test("with the user's own hook, which keeps its plugins, and a later plugin's workflow modules", async () => {
    const hooked: string[] = [];
    const later = new SimplePlugin({ name: 'later', workerInterceptors: { workflowModules: [workflowsPath] } });
    const worker = await create({
      ...ON_THE_SPOT,
      bundlerOptions: {
        webpackConfigHook: (config) => ({ ...config, plugins: [...(config.plugins ?? []), () => void hooked.push('a plugin')] }),
      },
      plugins: [pluginOf(world), later],
    });
    const { result, asked: told } = await run(worker);
    expect(result).toEqual({ intercepted: [1] });
    // Ours come first: Core is told what really came out.
    expect(told.at(-1)).toMatchObject({ workflow_output: { intercepted: [1] } });
    expect(hooked).toEqual(['a plugin']);
  });

  test('and stacks name the same lines as without the configuration', async () => {
    const stackOf = async (worker: Worker): Promise<string | undefined> => {
      const start = { taskQueue: worker.options.taskQueue, workflowId: unique('stack'), args: ['application'] };
      const failed: unknown = await worker.runUntil(() => world.client.workflow.execute('ends', start).catch((error: unknown) => error));
      return ((failed as Error).cause as Error).stack;
    };
    const modules = { workflowModules: [...workflowInterceptorModules] };
    const without = await create({ ...ON_THE_SPOT, plugins: [], interceptors: modules, patchActivationCallback: () => false });
    const stack = await stackOf(await create(ON_THE_SPOT));
    expect(stack).toMatch(/:\d+:\d+/);
    expect(stack).toBe(await stackOf(without));
  });

  test.each<[string, WorkerPlugin & BundlerPlugin]>([
    ['the hook', { name: 'hook', configureWorker: (given) => ({ ...given, bundlerOptions: {} }) }],
    ['the modules', { name: 'modules', configureBundler: (given) => ({ ...given, workflowInterceptorModules: [] }) }],
  ])('refused where a later plugin takes out %s', async (_what, later) => {
    const worker = await create({ ...ON_THE_SPOT, plugins: [pluginOf(world), later] });
    await expect(worker.run()).rejects.toMatchObject({ code: 'OPENBOX_CONFIG_INVALID', option: 'plugins' });
  });
});

test('either way workflows know the policy', async () => {
  const plugins = [pluginOf(world, { governancePolicy: 'fail_closed' })];
  await world.core.setPolicy({ rules: [{ when: { event_type: 'WorkflowStarted' }, answer: { status: 503 } }] });
  const ends = [ON_THE_SPOT, {}].map(async (more) => {
    const worker = await create({ ...more, plugins });
    const start = { taskQueue: worker.options.taskQueue, workflowId: unique('closed'), args: ['well'] };
    return worker.runUntil(() => world.client.workflow.execute('ends', start));
  });
  for (const { status } of await Promise.allSettled(ends)) expect(status).toBe('rejected');
  await world.core.setPolicy({});
});
