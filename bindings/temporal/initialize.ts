import type { ActivityInterceptorsFactory, PatchActivationCallback, WorkflowBundle, WorkflowBundleOption } from '@temporalio/worker';
import type { Binding } from '../../core/binding.ts';
import type { OpenBoxOptions } from '../../core/config-options.ts';
import type { AsyncEnd } from '../../core/disposable.ts';
import type { Governor } from '../../core/governor.ts';
import { type OpenBox, startGoverned } from '../../core/openbox.ts';
import { createActivityInterceptor } from './activity-interceptor.ts';
import { prepareBundle, workflowInterceptorModules } from './bundle.ts';
import { checkComposition } from './composition.ts';
import { markGoverned, RUNS_ALREADY } from './governance.ts';
import { createActivities, type GovernanceActivities } from './our-activities.ts';
import { decidePatches } from './patches.ts';

/** The parts of a governed worker, for those who call `Worker.create` themselves; every one of them is needed. */
export interface OpenBoxTemporal extends Pick<OpenBox, 'coverageReport' | 'close'>, AsyncEnd {
  readonly openbox: OpenBox;
  /** First in the worker's `interceptors.activity`. */
  readonly interceptors: { readonly activity: readonly [ActivityInterceptorsFactory] };
  /** Among the worker's `activities`. */
  readonly activities: GovernanceActivities;
  /** First in `workflowInterceptorModules` of `bundleWorkflowCode`; the plugin among its `plugins` does the same. */
  readonly workflowInterceptorModules: readonly string[];
  /** The worker's `patchActivationCallback`; patches that are not ours are on. */
  readonly patchActivationCallback: PatchActivationCallback;
  /**
   * The worker's `workflowBundle`: the bundle, with the configuration for its workflows in front. Throws
   * `OpenBoxConfigError` where it was made without `workflowInterceptorModules`.
   */
  prepareBundle(bundle: WorkflowBundleOption): Promise<WorkflowBundle>;
}

/** Starts governance for a Temporal worker. Throws `OpenBoxConfigError` or a kind of it, and leaves nothing behind then. */
export async function initialize(binding: Binding, options: OpenBoxOptions): Promise<OpenBoxTemporal> {
  return (await startTemporal(binding, options)).parts;
}

/** As `initialize`, with what our own worker needs beside the parts. */
export async function startTemporal(binding: Binding, options: OpenBoxOptions): Promise<{ readonly parts: OpenBoxTemporal; readonly governor: Governor }> {
  const { openbox, governor } = await startGoverned(binding, options, 'temporal');
  const { coverageReport, close } = openbox;
  const own = { interceptor: createActivityInterceptor(governor), activities: createActivities(() => governor) };
  const { interceptor, activities } = checkComposition(own, governor.ports.logger);
  const parts: OpenBoxTemporal = {
    openbox,
    interceptors: { activity: [interceptor] },
    activities: markGoverned(activities, RUNS_ALREADY),
    workflowInterceptorModules,
    patchActivationCallback: decidePatches(governor.config),
    prepareBundle: (bundle) => prepareBundle(bundle, governor.config),
    coverageReport,
    close,
    [Symbol.asyncDispose]: close,
  };
  return { parts, governor };
}
