/** Types of the `ApplicationFailure`s that governance throws. Contract §7. */
export const FAILURE_TYPES = {
  approvalPending: 'ApprovalPending',
  approvalMismatch: 'ApprovalMismatch',
  approvalExpired: 'ApprovalExpired',
  approvalRejected: 'ApprovalRejected',
  block: 'GovernanceBlock',
  halt: 'GovernanceHalt',
  api: 'GovernanceAPIError',
  guardrails: 'GuardrailsValidationFailed',
  timeout: 'GovernanceTimeout',
  auth: 'OpenBoxAuthError',
} as const;

/** One of `FAILURE_TYPES`. */
export type FailureType = (typeof FAILURE_TYPES)[keyof typeof FAILURE_TYPES];

/** Older SDKs' name of `GovernanceHalt`, which histories still hold. */
const OLD_HALT = 'GovernanceStop';

const KNOWN: ReadonlySet<string> = new Set(Object.values(FAILURE_TYPES));
const MAX_DEPTH = 20;

/**
 * The governance failure behind an error, looked for along its causes; undefined where it is another failure. Goes by
 * the failure's type, never by message text.
 */
export function governanceFailureType(error: unknown): FailureType | undefined {
  for (let cause = error, depth = 0; isObject(cause) && depth < MAX_DEPTH; cause = cause.cause, depth++) {
    const { type } = cause;
    if (type === OLD_HALT) return FAILURE_TYPES.halt;
    if (typeof type === 'string' && KNOWN.has(type)) return type as FailureType;
  }
  return undefined;
}

function isObject(value: unknown): value is { readonly type?: unknown; readonly cause?: unknown } {
  return typeof value === 'object' && value !== null;
}
