import type { WorkerOptions } from '@temporalio/worker';
import type { Config } from '../../core/config.ts';
import type { Governor } from '../../core/governor.ts';
import { isGoverned } from './patches.ts';

/** What of a worker's options tells whether its work is asked about. */
export type StartOptions = Pick<WorkerOptions, 'enableNonLocalActivities' | 'workflowBundle' | 'workflowsPath' | 'taskQueue'>;

/** Says at a worker's start what would go unseen: options that contradict each other, names that are misspelt. */
export function warnAtStart({ config, ports }: Pick<Governor, 'config' | 'ports'>, options: StartOptions): void {
  for (const problem of [ungoverned(config, options), unsent(options)]) if (problem !== undefined) ports.logger.warn(problem);
}

function ungoverned(config: Config, { taskQueue }: StartOptions): string | undefined {
  if (isGoverned(config, taskQueue)) return undefined;
  const named = [...(config.enforceTaskQueues ?? [])].map((name) => `"${name}"`).join(', ');
  return `Task queue "${taskQueue}" is not among enforceTaskQueues (${named}): its workflows and activities run unasked`;
}

/** A worker that takes no activities leaves its workflows waiting, without a word, where no other on the task queue does. */
function unsent({ enableNonLocalActivities, workflowBundle, workflowsPath, taskQueue }: StartOptions): string | undefined {
  if (enableNonLocalActivities !== false || (workflowBundle ?? workflowsPath) === undefined) return undefined;
  return `This worker runs workflows and takes no activities (enableNonLocalActivities: false), but what asks OpenBox Core about workflows is an activity on their task queue "${taskQueue}": without another governed worker there they wait for ever`;
}
