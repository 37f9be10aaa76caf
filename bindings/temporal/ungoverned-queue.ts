import type { Governor } from '../../core/governor.ts';
import { isGoverned } from './patches.ts';

/** Says at a worker's start where its options leave it alone: a queue that is misspelt there would go unseen. */
export function warnOfUngovernedQueue({ config, ports }: Pick<Governor, 'config' | 'ports'>, taskQueue: string): void {
  if (isGoverned(config, taskQueue)) return;
  const named = [...(config.enforceTaskQueues ?? [])].map((name) => `"${name}"`).join(', ');
  ports.logger.warn(`Task queue "${taskQueue}" is not among enforceTaskQueues (${named}): its workflows and activities run unasked`);
}
