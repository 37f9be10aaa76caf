export type { ActivityHost } from './activity-host.ts';
export type { ActivityInfo } from './activity-info.ts';
export { COMPLETED, runActivity, STARTED } from './activity.ts';
export { type Answer, type Guardrails, parseAnswer } from './answer.ts';
export type { ApprovalStatus } from './approval-status.ts';
export type { Attempt } from './attempt.ts';
export type { Binding } from './binding.ts';
export type { ApprovalKey, CoreClient } from './client.ts';
export { type Config, type OpenBoxOptions, resolveConfig } from './config.ts';
export type { CoverageReportRow, CoverageRow, CoverageState, GapReason } from './coverage.ts';
export {
  ApprovalExpiredError,
  ApprovalPendingError,
  ApprovalRejectedError,
  ApprovalTimeoutError,
  GovernanceAPIError,
  GovernanceBlockedError,
  GovernanceHaltError,
  GuardrailsValidationError,
  OpenBoxAuthError,
  OpenBoxConfigError,
  OpenBoxError,
  type OpenBoxErrorCode,
  OpenBoxInsecureURLError,
  OpenBoxNetworkError,
  type PendingApproval,
} from './errors.ts';
export { createGate, type Gate } from './gate.ts';
export { govern, governSync } from './govern.ts';
export { createGovernor, type Engine, type Governor, type Scopes, VERSION } from './governor.ts';
export { toJson } from './json.ts';
export { type OpenBox, startOpenBox } from './openbox.ts';
export {
  type Attributes,
  type DatabaseOperation,
  type DatabaseResult,
  type FileOperation,
  type FileResult,
  type FunctionOperation,
  type FunctionResult,
  type HttpOperation,
  type HttpResult,
  identifierOf,
  type Later,
  type Operation,
  type OperationType,
  type Report,
  type ResultOf,
} from './operation.ts';
export type { Outcome } from './outcome.ts';
export { type Clock, type ManualClock, manualClock, systemClock } from './ports/clock.ts';
export { type ContextStorage, memoryContextStorage } from './ports/context-storage.ts';
export { type Digest, memoryDigest } from './ports/digest.ts';
export { type Fetch, type FetchInit, type FetchResponse, memoryFetch } from './ports/fetch.ts';
export { type FileSystem, memoryFileSystem } from './ports/file-system.ts';
export type { Ports } from './ports/index.ts';
export { type Logger, memoryLogger, silentLogger } from './ports/logger.ts';
export { memorySyncGate, type SyncGate } from './ports/sync-gate.ts';
export { countingTracer, randomTracer, type SpanIds, type Tracer } from './ports/tracer.ts';
export { type ProcessSlot, processSlot } from './slot.ts';
export { cutBytes, decodeText, isTextContent } from './text.ts';
export { parseVerdict, type Verdict, VERDICTS } from './verdict.ts';
export { runWorkflow, type WorkflowOptions, type WorkflowScope } from './workflow.ts';
