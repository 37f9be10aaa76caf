/**
 * The core of OpenBox governance: describe an operation, ask OpenBox Core, run it, report it. It knows no runtime and needs no
 * package; a runtime's binding brings its ports. Importing starts nothing.
 *
 * @module
 */
export type { ActivityHost } from './activity-host.ts';
export type { ActivityInfo } from './activity-info.ts';
export { COMPLETED, finishActivity, runActivity, STARTED } from './activity.ts';
export { type Answer, type Guardrails, parseAnswer } from './answer.ts';
export type { ApprovalStatus } from './approval-status.ts';
export type { Attempt } from './attempt.ts';
export type { Binding, Patched, Wanted } from './binding.ts';
export { canonicalJson } from './canonical-json.ts';
export { type ApprovalKey, type CoreClient, createClient } from './client.ts';
export { type Config, type OpenBoxOptions, refuseUnknown, resolveConfig } from './config.ts';
export type { CoverageReportRow, CoverageRow, CoverageState, GapReason } from './coverage.ts';
export {
  ApprovalExpiredError,
  ApprovalMismatchError,
  ApprovalPendingError,
  ApprovalRejectedError,
  ApprovalTimeoutError,
  type FinishedActivity,
  GovernanceAPIError,
  GovernanceBlockedError,
  GovernanceHaltError,
  GovernanceTimeoutError,
  GuardrailsValidationError,
  OpenBoxAuthError,
  OpenBoxConfigError,
  OpenBoxError,
  type OpenBoxErrorCode,
  OpenBoxInsecureURLError,
  OpenBoxNetworkError,
  type PendingApproval,
} from './errors.ts';
export type { Fingerprint } from './fingerprint.ts';
export { createGate, type Gate } from './gate.ts';
export { governIn, governSyncIn } from './govern.ts';
export { createGrants, type Grant, type Grants } from './grants.ts';
export { createGovernor, createScopes, type Engine, type Governor, type Inside, type Scopes, type Stalls } from './governor.ts';
export { toJson } from './json.ts';
export { isCredentialName, MASK, maskUrl } from './mask.ts';
export { type Governed, openGoverned, type OpenBox, type Opened, startGoverned, startOpenBox } from './openbox.ts';
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
export { namedLogger } from './observe.ts';
export { orAborted } from './or-aborted.ts';
export type { Outcome } from './outcome.ts';
export { type Clock, systemClock } from './ports/clock.ts';
export type { ContextStorage } from './ports/context-storage.ts';
export type { Digest } from './ports/digest.ts';
export type { Fetch, FetchInit, FetchResponse } from './ports/fetch.ts';
export type { FileSystem } from './ports/file-system.ts';
export type { Ports } from './ports/index.ts';
export type { Logger } from './ports/logger.ts';
export type { SyncGate } from './ports/sync-gate.ts';
export {
  randomTracer,
  type Span,
  type SpanDescription,
  type SpanIds,
  type SpanOutcome,
  type TraceContext,
  type Tracer,
} from './ports/tracer.ts';
export { maskKeys, secret } from './secret.ts';
export { type Installed, isInstalled, type ProcessSlot, processSlot } from './slot.ts';
export { cutBytes, decodeText, isTextContent } from './text.ts';
export { formatTraceparent, parseTraceContext } from './trace-context.ts';
export type { CoreAccess } from './transport.ts';
export { parseVerdict, type Verdict, VERDICTS } from './verdict.ts';
export { VERSION } from './version.ts';
export { runWorkflow, type WorkflowOptions, type WorkflowScope } from './workflow.ts';
