import type { WorkerOptions } from '@temporalio/worker';
import { OPTION_NAMES, refuseUnknown } from '../../core/config.ts';
import type { OpenBoxOptions } from '../../core/config-options.ts';

/** Temporal's worker options and ours, side by side. */
export interface OpenBoxWorkerOptions extends WorkerOptions, OpenBoxOptions {}

/** Every option of Temporal's worker; whatever else is given is ours. */
const WORKER_OPTIONS = {
  activities: true,
  activityTaskPollerBehavior: true,
  buildId: true,
  bundlerOptions: true,
  connection: true,
  dataConverter: true,
  debugMode: true,
  defaultHeartbeatThrottleInterval: true,
  disablePayloadErrorLimit: true,
  enableNonLocalActivities: true,
  enableSDKTracing: true,
  identity: true,
  interceptors: true,
  maxActivitiesPerSecond: true,
  maxCachedWorkflows: true,
  maxConcurrentActivityTaskExecutions: true,
  maxConcurrentActivityTaskPolls: true,
  maxConcurrentLocalActivityExecutions: true,
  maxConcurrentNexusTaskExecutions: true,
  maxConcurrentNexusTaskPolls: true,
  maxConcurrentWorkflowTaskExecutions: true,
  maxConcurrentWorkflowTaskPolls: true,
  maxEagerActivityReservationsPerWorkflowTask: true,
  maxHeartbeatThrottleInterval: true,
  maxTaskQueueActivitiesPerSecond: true,
  namespace: true,
  nexusServices: true,
  nexusTaskPollerBehavior: true,
  nonStickyToStickyPollRatio: true,
  patchActivationCallback: true,
  plugins: true,
  reuseV8Context: true,
  showStackTraceSources: true,
  shutdownForceTime: true,
  shutdownGraceTime: true,
  sinks: true,
  stickyQueueScheduleToStartTimeout: true,
  taskQueue: true,
  tuner: true,
  useVersioning: true,
  workerDeploymentOptions: true,
  workflowBundle: true,
  workflowFailureErrorTypes: true,
  workflowTaskPollerBehavior: true,
  workflowThreadPoolSize: true,
  workflowsPath: true,
} as const satisfies Record<keyof WorkerOptions, true>;

/** Tells Temporal's options from ours. Throws `OpenBoxConfigError` for a name that is neither's. */
export function splitOptions(options: OpenBoxWorkerOptions): { readonly worker: WorkerOptions; readonly openbox: OpenBoxOptions } {
  refuseUnknown(options, [...OPTION_NAMES, ...Object.keys(WORKER_OPTIONS)]);
  const entries = Object.entries(options);
  const isWorkers = (name: string): boolean => Object.hasOwn(WORKER_OPTIONS, name);
  return {
    worker: Object.fromEntries(entries.filter(([name]) => isWorkers(name))) as unknown as WorkerOptions,
    openbox: Object.fromEntries(entries.filter(([name]) => !isWorkers(name))),
  };
}
