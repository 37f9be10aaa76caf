import type { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import type { Binding } from '../../core/binding.ts';
import type { OpenBoxOptions } from '../../core/config-options.ts';
import type { OpenBoxWorkerOptions } from './options.ts';
import { GovernancePlugin } from './plugin.ts';
import { binding, type Changes, stepsOf, testBundle, unique, type World } from './test-support.ts';

/** A binding that counts what is started and ended. */
export function counting(): Binding & { readonly alive: { ports: number; patches: number } } {
  const alive = { ports: 0, patches: 0 };
  return {
    ...binding,
    alive,
    open: (...given) => {
      const { ports, close } = binding.open(...given);
      alive.ports++;
      return {
        ports,
        close: async () => {
          alive.ports--;
          await close();
        },
      };
    },
    install: () => {
      alive.patches++;
      return { ready: Promise.resolve(), missing: [], boundBefore: [], uninstall: () => void alive.patches-- };
    },
  };
}

/** The plugin with the URL and key of the world's Core. */
export const pluginOf = ({ core }: World, options: OpenBoxOptions = {}): GovernancePlugin =>
  new GovernancePlugin(binding, { openboxUrl: core.url, openboxApiKey: core.apiKey, ...options });

/** What a build machine has of it. */
export const barePlugin = (options: OpenBoxOptions = {}): GovernancePlugin => new GovernancePlugin(binding, options);

/** A worker of Temporal's own making on a task queue of its own; what is undefined is left out. */
export async function plainlyCreated({ connection }: World, more: Changes): Promise<Worker> {
  const given = { connection, taskQueue: unique('plugin'), workflowBundle: await testBundle(), ...more };
  return Worker.create(Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as OpenBoxWorkerOptions);
}

/** Runs one activity by a worker, and returns what Core was asked about its workflow, which replays. */
export async function askedBy(world: World, worker: Worker, activity: string, client: Client = world.client): Promise<readonly string[]> {
  const { handle, asked } = await worker.runUntil(() => world.run('steps', [[{ activity }]], { taskQueue: worker.options.taskQueue, client }));
  await Worker.runReplayHistory({ workflowBundle: await testBundle(), plugins: [barePlugin()] }, await handle.fetchHistory(), handle.workflowId);
  return stepsOf(asked);
}
