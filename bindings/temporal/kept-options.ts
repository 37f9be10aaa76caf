import type { WorkerOptions, WorkerPlugin } from '@temporalio/worker';
import { OpenBoxConfigError } from '../../core/errors.ts';
import { eventActivityOf, type WithActivities } from './governance.ts';

/** What of a worker's options the check reads: as they are given, and as a worker has them. */
export type Kept = Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'patchActivationCallback'> &
  WithActivities & { readonly interceptors?: { readonly activity?: readonly unknown[] } };

/** The last one among a worker's plugins: nothing is created from options that another plugin took our part out of. */
export function lastPlugin(governed: WorkerOptions): WorkerPlugin {
  return {
    name: '@openbox-ai/temporal-sdk',
    configureWorker(options) {
      refuseChanges(governed, options);
      return options;
    },
  };
}

/** A plugin may change a worker's options after us: where it took our part out, the worker would run ungoverned. */
export function refuseChanges(governed: WorkerOptions, options: Kept): void {
  const kept =
    options.workflowBundle === governed.workflowBundle &&
    options.patchActivationCallback === governed.patchActivationCallback &&
    eventActivityOf(options) === eventActivityOf(governed) &&
    options.interceptors?.activity?.includes(governed.interceptors?.activity?.[0]);
  if (!kept) throw partTaken();
}

/** Where a plugin took out a part of what governs a worker. */
export function partTaken(): OpenBoxConfigError {
  return new OpenBoxConfigError(
    'Option plugins holds a plugin that replaces workflowBundle, bundlerOptions, patchActivationCallback, activities or interceptors of the worker: expected them as OpenBox made them, or the worker would run ungoverned; give them to the worker itself, or put that plugin before OpenBoxPlugin',
    { option: 'plugins' },
  );
}
