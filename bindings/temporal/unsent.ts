import type { WorkerOptions } from '@temporalio/worker';
import type { Governor } from '../../core/governor.ts';

/** What of a worker's options says whether it can send its own workflows' events. */
export type Sending = Pick<WorkerOptions, 'enableNonLocalActivities' | 'workflowBundle' | 'workflowsPath' | 'taskQueue'>;

/** A worker that takes no activities leaves its workflows waiting, without a word, where no other on the task queue does. */
export function warnWhereUnsent({ ports }: Pick<Governor, 'ports'>, options: Sending): void {
  const { enableNonLocalActivities, workflowBundle, workflowsPath, taskQueue } = options;
  if (enableNonLocalActivities !== false || (workflowBundle ?? workflowsPath) === undefined) return;
  ports.logger.warn(
    `This worker runs workflows and takes no activities (enableNonLocalActivities: false), but what asks OpenBox Core about workflows is an activity on their task queue "${taskQueue}": without another governed worker there they wait for ever`,
  );
}
