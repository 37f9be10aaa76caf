import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { type ErrorDetails, errorDetails } from '../../../core/error-details.ts';
import type { WorkflowErrorDetails } from '../../../core/event.ts';

const MAX_DEPTH = 20;

/** A workflow's failure as `WorkflowFailed` shows it: the error, its cause, and the innermost cause. Contract §2. */
export function failureDetails(error: unknown): WorkflowErrorDetails {
  const causes = causesOf(error);
  const [cause] = causes;
  const root = causes.at(-1);
  return {
    ...errorDetails(error),
    ...(cause !== undefined && { cause: { ...withErrorType(cause), ...nonRetryable(cause) } }),
    ...(root !== cause && { root_cause: withErrorType(root) }),
  };
}

/** A cancelled workflow's end, whichever wait the cancellation ended. */
export function cancellationDetails(error: unknown): WorkflowErrorDetails {
  return errorDetails([error, ...causesOf(error)].find((cause) => cause instanceof CancelledFailure) ?? error);
}

/** From the outermost to the innermost. */
function causesOf(error: unknown): unknown[] {
  const causes: unknown[] = [];
  for (let cause = causeOf(error); cause !== undefined && causes.length < MAX_DEPTH; cause = causeOf(cause)) causes.push(cause);
  return causes;
}

function causeOf(error: unknown): unknown {
  return error instanceof Error ? (error.cause ?? undefined) : undefined;
}

function withErrorType(error: unknown): ErrorDetails & { readonly error_type?: string } {
  const type = error instanceof ApplicationFailure ? error.type : undefined;
  return { ...errorDetails(error), ...(typeof type === 'string' && { error_type: type }) };
}

function nonRetryable(error: unknown): { readonly non_retryable?: boolean } {
  return error instanceof ApplicationFailure ? { non_retryable: error.nonRetryable === true } : {};
}
