import type { WorkerOptions, WorkerPlugin } from '@temporalio/worker';
import { OpenBoxConfigError } from '../../core/errors.ts';
import { EVENT_ACTIVITY } from '../../core/event.ts';

/** What of a worker's options the check reads: as they are given, and as a worker has them. */
type Kept = Pick<WorkerOptions, 'workflowBundle' | 'workflowsPath' | 'patchActivationCallback' | 'activities'> & {
  readonly interceptors?: { readonly activity?: readonly unknown[] };
};

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
    options.workflowsPath === undefined &&
    options.patchActivationCallback === governed.patchActivationCallback &&
    eventActivity(options) === eventActivity(governed) &&
    governed.interceptors?.activity?.every((ours) => options.interceptors?.activity?.includes(ours));
  if (kept) return;
  throw new OpenBoxConfigError(
    'Option plugins holds a plugin that replaces workflowBundle, workflowsPath, patchActivationCallback, activities or interceptors of the worker: expected them as createOpenBoxWorker made them, or the worker would run ungoverned; give them to createOpenBoxWorker instead',
    { option: 'plugins' },
  );
}

function eventActivity({ activities = {} }: Kept): unknown {
  const all = activities instanceof Map ? activities : new Map<string, unknown>(Object.entries(activities));
  return all.get(EVENT_ACTIVITY);
}
