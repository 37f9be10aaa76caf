/** What every runtime's Temporal entry offers besides what it binds to its runtime; one list, so that entries cannot drift apart. */
export { workflowInterceptorModules } from './bundle.ts';
export type { OpenBoxTemporal } from './initialize.ts';
export type { GovernanceActivities } from './our-activities.ts';
export type { OpenBoxWorkerOptions } from './options.ts';
export { createTraceInterceptor } from './trace-interceptor.ts';
export type { SpanOptions, WithSpan } from './with-span.ts';
export type { OpenBoxWorker } from './worker.ts';
export { FAILURE_TYPES, type FailureType, governanceFailureType } from './workflow/failure-types.ts';
