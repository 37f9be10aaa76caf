import { brand } from './brand.ts';
import type { Fingerprint } from './fingerprint.ts';
import type { Verdict } from './verdict.ts';

/** Stable codes, one per class: switch on `error.code`, or use `instanceof` (it holds across copies and realms). */
export type OpenBoxErrorCode =
  | 'OPENBOX_CONFIG_INVALID'
  | 'OPENBOX_AUTH_FAILED'
  | 'OPENBOX_NETWORK_FAILED'
  | 'OPENBOX_URL_INSECURE'
  | 'OPENBOX_BLOCKED'
  | 'OPENBOX_HALTED'
  | 'OPENBOX_API_FAILED'
  | 'OPENBOX_GUARDRAILS_FAILED'
  | 'OPENBOX_TIMED_OUT'
  | 'OPENBOX_APPROVAL_PENDING'
  | 'OPENBOX_APPROVAL_EXPIRED'
  | 'OPENBOX_APPROVAL_REJECTED'
  | 'OPENBOX_APPROVAL_TIMED_OUT'
  | 'OPENBOX_APPROVAL_MISMATCH';

/** Root of every error this SDK throws. Contract §7. */
export abstract class OpenBoxError extends Error {
  static {
    brand(this, 'OpenBoxError');
  }

  abstract readonly code: OpenBoxErrorCode;
}

/** An option is missing, malformed or contradicts another; the message names option, value and remedy. */
export class OpenBoxConfigError extends OpenBoxError {
  static {
    brand(this, 'OpenBoxConfigError');
  }

  readonly code: 'OPENBOX_CONFIG_INVALID' | 'OPENBOX_AUTH_FAILED' | 'OPENBOX_NETWORK_FAILED' | 'OPENBOX_URL_INSECURE' =
    'OPENBOX_CONFIG_INVALID';
  /** The option at fault, as the caller spells it. */
  readonly option: string | undefined;

  constructor(message: string, details: { option?: string; cause?: unknown } = {}) {
    super(message, causeOf(details));
    this.option = details.option;
  }
}

/** OpenBox Core refused the API key (401, 403, or an inactive key). Retryable: a mended key heals the workflow. */
export class OpenBoxAuthError extends OpenBoxConfigError {
  static {
    brand(this, 'OpenBoxAuthError');
  }

  override readonly code = 'OPENBOX_AUTH_FAILED';
}

/** OpenBox Core could not be reached when it had to be (at start-up). */
export class OpenBoxNetworkError extends OpenBoxConfigError {
  static {
    brand(this, 'OpenBoxNetworkError');
  }

  override readonly code = 'OPENBOX_NETWORK_FAILED';
}

/** The URL of OpenBox Core is plain `http:` to a host that is not this machine. */
export class OpenBoxInsecureURLError extends OpenBoxConfigError {
  static {
    brand(this, 'OpenBoxInsecureURLError');
  }

  override readonly code = 'OPENBOX_URL_INSECURE';
}

/** What a policy stop knows: which verdict, why, and what it was about. */
export interface StopDetails {
  /** Core's reason, already safe to print. */
  readonly reason?: string | undefined;
  /** URL, file path, `db_system://host:port/db_name`, function name or activity type. Contract §7. */
  readonly identifier?: string | undefined;
  readonly policyId?: string | undefined;
  readonly cause?: unknown;
}

/** Core said no: the operation did not happen, or its result is withheld. */
export class GovernanceBlockedError extends OpenBoxError {
  static {
    brand(this, 'GovernanceBlockedError');
  }

  readonly code = 'OPENBOX_BLOCKED';
  readonly verdict: Verdict;
  readonly reason: string | undefined;
  readonly identifier: string | undefined;
  readonly policyId: string | undefined;

  constructor(message: string, details: StopDetails & { verdict?: Verdict } = {}) {
    super(message, causeOf(details));
    this.verdict = details.verdict ?? 'block';
    this.reason = details.reason;
    this.identifier = details.identifier;
    this.policyId = details.policyId;
  }
}

/** Core said stop everything: the workflow is terminated. */
export class GovernanceHaltError extends OpenBoxError {
  static {
    brand(this, 'GovernanceHaltError');
  }

  readonly code = 'OPENBOX_HALTED';
  readonly reason: string | undefined;
  readonly identifier: string | undefined;
  readonly policyId: string | undefined;

  constructor(message: string, details: StopDetails = {}) {
    super(message, causeOf(details));
    this.reason = details.reason;
    this.identifier = details.identifier;
    this.policyId = details.policyId;
  }
}

/** Core answered something this SDK cannot follow; refused under either error policy. Contract §4. */
export class GovernanceAPIError extends OpenBoxError {
  static {
    brand(this, 'GovernanceAPIError');
  }

  readonly code = 'OPENBOX_API_FAILED';
  readonly identifier: string | undefined;

  constructor(message: string, details: { identifier?: string | undefined; cause?: unknown } = {}) {
    super(message, causeOf(details));
    this.identifier = details.identifier;
  }
}

/** Guardrails found input or output that must not pass; `reasons` says which. */
export class GuardrailsValidationError extends OpenBoxError {
  static {
    brand(this, 'GuardrailsValidationError');
  }

  readonly code = 'OPENBOX_GUARDRAILS_FAILED';
  readonly reasons: readonly string[];
  readonly identifier: string | undefined;

  constructor(message: string, details: { reasons: readonly string[]; identifier?: string | undefined }) {
    super(message);
    this.reasons = details.reasons;
    this.identifier = details.identifier;
  }
}

/** The activity's own time was up before Core had answered: whatever the error policy, nothing more of this attempt runs. Retryable. */
export class GovernanceTimeoutError extends OpenBoxError {
  static {
    brand(this, 'GovernanceTimeoutError');
  }

  readonly code = 'OPENBOX_TIMED_OUT';
  readonly identifier: string | undefined;

  constructor(message: string, details: { identifier?: string | undefined } = {}) {
    super(message);
    this.identifier = details.identifier;
  }
}

/** One step that waits for a human, by its fingerprint: an occurrence of an operation, or the activity's own start or end. Contract §6. */
export interface PendingApproval extends Fingerprint {
  readonly approvalId: string | null;
  /** Unix milliseconds, or null where Core gave no time. */
  readonly expiresAt: number | null;
  readonly reason: string | null;
  readonly identifier: string;
  /** From 1: what one run of the activity asks for shares it. */
  readonly round: number;
}

/** What an activity came to, kept until a human has decided about it. */
export interface FinishedActivity {
  readonly output: unknown;
  /** The arguments that really ran, where guardrails changed them. */
  readonly input?: readonly unknown[] | undefined;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
}

/** A human has to decide first; the host decides how to wait. */
export class ApprovalPendingError extends OpenBoxError {
  static {
    brand(this, 'ApprovalPendingError');
  }

  readonly code = 'OPENBOX_APPROVAL_PENDING';
  readonly pending: readonly PendingApproval[];
  /** The end of an activity whose work is done, and must not be done again. */
  readonly end: FinishedActivity | undefined;

  constructor(message: string, details: { pending: readonly PendingApproval[]; end?: FinishedActivity }) {
    super(message);
    this.pending = details.pending;
    this.end = details.end;
  }
}

/** Nobody decided in time, by Core's clock. */
export class ApprovalExpiredError extends OpenBoxError {
  static {
    brand(this, 'ApprovalExpiredError');
  }

  readonly code = 'OPENBOX_APPROVAL_EXPIRED';

  constructor(message: string, details: { cause?: unknown } = {}) {
    super(message, causeOf(details));
  }
}

/** A human said no; `reason` is theirs. */
export class ApprovalRejectedError extends OpenBoxError {
  static {
    brand(this, 'ApprovalRejectedError');
  }

  readonly code = 'OPENBOX_APPROVAL_REJECTED';
  readonly reason: string | undefined;

  constructor(message: string, details: { reason?: string | undefined } = {}) {
    super(message);
    this.reason = details.reason;
  }
}

/** What was approved never came back: the activity did something else each time it ran again. The message says what differed. */
export class ApprovalMismatchError extends OpenBoxError {
  static {
    brand(this, 'ApprovalMismatchError');
  }

  readonly code = 'OPENBOX_APPROVAL_MISMATCH';
  readonly identifier: string | undefined;

  constructor(message: string, details: { identifier?: string | undefined } = {}) {
    super(message);
    this.identifier = details.identifier;
  }
}

/** The caller's own limit for waiting ran out before a decision. */
export class ApprovalTimeoutError extends OpenBoxError {
  static {
    brand(this, 'ApprovalTimeoutError');
  }

  readonly code = 'OPENBOX_APPROVAL_TIMED_OUT';
}

function causeOf(details: { readonly cause?: unknown }): ErrorOptions | undefined {
  return details.cause === undefined ? undefined : { cause: details.cause };
}
