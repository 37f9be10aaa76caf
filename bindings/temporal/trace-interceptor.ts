import type { WorkflowClientInterceptor } from '@temporalio/client';
import type { Headers } from '@temporalio/common';
import type { TraceContext } from '../../core/ports/tracer.ts';
import { withTrace } from './workflow/trace-headers.ts';

/**
 * Hands the trace that a client's caller is in on to the workflows it starts, as the headers `traceparent` and `tracestate`; where
 * Temporal's own interceptors for OpenTelemetry come before it, it leaves that to them. Contract §3.1.
 */
export function createTraceInterceptor(active: () => TraceContext | undefined): WorkflowClientInterceptor {
  const traced = <I extends { readonly headers: Headers }>(input: I): I => ({ ...input, headers: withTrace(input.headers, active()) });
  return {
    startWithDetails: (input, next) => next(traced(input)),
    signalWithStart: (input, next) => next(traced(input)),
    startUpdateWithStart: (input, next) => next({ ...input, workflowStartHeaders: withTrace(input.workflowStartHeaders, active()) }),
  };
}
