/**
 * What tests of governed agents need: a local OpenBox Core that answers by a policy, and in-memory twins of the core's ports.
 *
 * @module
 */
export type { Violation } from './contract/check.ts';
export type { Approval, ApprovalStatus } from './local-core/approvals.ts';
export type { CoreEvent, Payload } from './local-core/events.ts';
export type { Answer, AnyOf, Fault, Policy, Rule, When } from './local-core/policy.ts';
export { type LocalCore, type LocalCoreOptions, startLocalCore } from './local-core/start.ts';
export type { ApprovalMatch, WaitOptions } from './local-core/wait.ts';
export { type ManualClock, manualClock } from '../core/ports/clock.ts';
export { memoryContextStorage } from '../core/ports/context-storage.ts';
export { memoryDigest } from '../core/ports/digest.ts';
export { type CannedAnswer, memoryFetch, type RecordedRequest } from '../core/ports/fetch.ts';
export { memoryFileSystem } from '../core/ports/file-system.ts';
export { type LogLine, memoryLogger } from '../core/ports/logger.ts';
export { memorySyncGate } from '../core/ports/sync-gate.ts';
export { countingTracer } from '../core/ports/tracer.ts';
