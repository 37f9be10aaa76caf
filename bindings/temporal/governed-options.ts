import type { ActivityInterceptorsFactory, WorkerOptions } from '@temporalio/worker';
import type { Config } from '../../core/config.ts';
import { OpenBoxConfigError } from '../../core/errors.ts';
import { lateBundle, prepareBundle, withOurModules } from './bundle.ts';
import { type Kept, partTaken, refuseChanges } from './kept-options.ts';
import type { GovernanceActivities } from './our-activities.ts';
import { decidePatches } from './patches.ts';

/** What governs a worker, beside its configuration. */
export interface Parts {
  readonly config: Config;
  readonly interceptor: ActivityInterceptorsFactory;
  readonly activities: GovernanceActivities;
}

export interface GovernedOptions {
  /** Temporal's options with every part of governance in them. */
  readonly options: WorkerOptions;
  /** Throws `OpenBoxConfigError` where the options that a worker got in the end lack a part. */
  check(options: Kept): void;
}

/** Throws `OpenBoxConfigError` for a bundle without our interceptors, and for activities that are named as ours. */
export async function governedOptions({ config, interceptor, activities }: Parts, given: WorkerOptions): Promise<GovernedOptions> {
  const { interceptors = {}, workflowBundle, bundlerOptions } = given;
  refuseOurNames(given.activities, activities);
  const late = lateBundle(config, bundlerOptions?.webpackConfigHook);
  const workflows: Pick<WorkerOptions, 'workflowBundle' | 'bundlerOptions' | 'interceptors'> =
    workflowBundle === undefined
      ? {
          bundlerOptions: { ...bundlerOptions, webpackConfigHook: late.webpackConfigHook },
          interceptors: { ...interceptors, workflowModules: withOurModules(interceptors.workflowModules) },
        }
      : { workflowBundle: await prepareBundle(workflowBundle, config) };
  const options: WorkerOptions = {
    ...given,
    ...workflows,
    activities: { ...given.activities, ...activities },
    interceptors: { ...interceptors, ...workflows.interceptors, activity: [interceptor, ...(interceptors.activity ?? [])] },
    patchActivationCallback: decidePatches(config, given.patchActivationCallback),
  };
  return {
    options,
    check(end) {
      refuseChanges(options, end);
      const isLate = end.workflowBundle === undefined && end.workflowsPath !== undefined;
      if (isLate && !late.isGoverned()) throw partTaken();
    },
  };
}

/** One of the user's would never run: governance runs its own by that name, and unasked. */
function refuseOurNames(given: object | undefined, ours: GovernanceActivities): void {
  const taken = Object.keys(ours).filter((name) => given !== undefined && Object.hasOwn(given, name));
  if (taken.length === 0) return;
  throw new OpenBoxConfigError(`Option activities holds ${taken.join(', ')}: expected another name, OpenBox has an activity of that name itself`, { option: 'activities' });
}
