import { ApplicationFailure } from '@temporalio/common';
import { FAILURE_TYPES } from './workflow/failure-types.ts';
import { PENDING } from './workflow/protocol.ts';

/**
 * What the user's activity threw, as what it is: a failure that only looks like one of ours (handed on from another
 * workflow, say) would make the workflow wait and run the activity once more.
 */
export function disowned(error: unknown): unknown {
  if (!(error instanceof ApplicationFailure) || error.type !== FAILURE_TYPES.approvalPending) return error;
  const { message, type, nonRetryable, details, cause, nextRetryDelay, category, stack } = error;
  const [first, ...others] = details ?? [];
  if ((Object(first) as { readonly [PENDING]?: unknown })[PENDING] !== true) return error;
  const named = [{ ...(first as object), [PENDING]: false }, ...others];
  return Object.assign(new ApplicationFailure(message, type, nonRetryable, named, cause, nextRetryDelay, category), { stack });
}
