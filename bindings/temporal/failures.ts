import { ApplicationFailure, ApplicationFailureCategory, type ApplicationFailureOptions } from '@temporalio/common';
import { OpenBoxError, type OpenBoxErrorCode } from '../../core/errors.ts';
import { FAILURE_TYPES } from './workflow/failure-types.ts';

interface Conversion {
  readonly type: string;
  readonly nonRetryable: boolean;
}

const final = (type: string): Conversion => ({ type, nonRetryable: true });
const retryable = (type: string): Conversion => ({ type, nonRetryable: false });

/** What each error class is to Temporal. Contract §7. */
const CONVERSIONS: Readonly<Record<OpenBoxErrorCode, Conversion>> = {
  OPENBOX_BLOCKED: final(FAILURE_TYPES.block),
  OPENBOX_HALTED: final(FAILURE_TYPES.halt),
  OPENBOX_API_FAILED: final(FAILURE_TYPES.api),
  OPENBOX_GUARDRAILS_FAILED: final(FAILURE_TYPES.guardrails),
  // Temporal has timed the attempt out, or is about to: whether there is another is its matter.
  OPENBOX_TIMED_OUT: retryable(FAILURE_TYPES.timeout),
  OPENBOX_APPROVAL_PENDING: retryable(FAILURE_TYPES.approvalPending),
  OPENBOX_APPROVAL_MISMATCH: final(FAILURE_TYPES.approvalMismatch),
  OPENBOX_APPROVAL_EXPIRED: final(FAILURE_TYPES.approvalExpired),
  OPENBOX_APPROVAL_REJECTED: final(FAILURE_TYPES.approvalRejected),
  OPENBOX_APPROVAL_TIMED_OUT: final(FAILURE_TYPES.approvalExpired),
  // A mended key heals the workflow.
  OPENBOX_AUTH_FAILED: retryable(FAILURE_TYPES.auth),
  OPENBOX_CONFIG_INVALID: final('OpenBoxConfigError'),
  OPENBOX_NETWORK_FAILED: final('OpenBoxNetworkError'),
  OPENBOX_URL_INSECURE: final('OpenBoxInsecureURLError'),
};

/** Fields of our errors that say why, all of them plain data that is safe to show. */
const DETAILS = ['identifier', 'reason', 'reasons', 'policyId', 'verdict', 'option'] as const;

/** One of our errors as Temporal knows failures; anything else is returned as it is. */
export function toFailure(error: unknown, more: Pick<ApplicationFailureOptions, 'nextRetryDelay' | 'category'> = {}): unknown {
  if (!(error instanceof OpenBoxError)) return error;
  const { code, message, cause } = error;
  const failure = ApplicationFailure.create({
    ...CONVERSIONS[code],
    ...more,
    message,
    details: [detailsOf(error)],
    ...(cause instanceof Error && { cause }),
  });
  // Nothing went wrong: where it comes from would only stand in the way of what it says.
  if (more.category === ApplicationFailureCategory.BENIGN) failure.stack = '';
  return failure;
}

function detailsOf(error: OpenBoxError): Readonly<Record<string, unknown>> {
  const fields = error as Partial<Record<(typeof DETAILS)[number], unknown>>;
  return Object.fromEntries(DETAILS.flatMap((name) => (fields[name] === undefined ? [] : [[name, fields[name]]])));
}
