import type { ClientOptions, WorkflowClientInterceptor } from '@temporalio/client';
import type { Headers } from '@temporalio/common';
import { activeTraceContext } from '../../core/open-telemetry-api.ts';
import { withTrace } from './workflow/trace-headers.ts';

/**
 * Hands the trace of OpenTelemetry that a client's caller is in on to the workflows it starts: among
 * `interceptors.workflow` of a `Client`. Not needed with Temporal's own interceptors for OpenTelemetry; where they come
 * before it, it leaves the headers to them. Contract §3.1.
 */
export function createTraceInterceptor(): WorkflowClientInterceptor {
  const traced = <I extends { readonly headers: Headers }>(input: I): I => ({ ...input, headers: withTrace(input.headers, activeTraceContext()) });
  return {
    startWithDetails: (input, next) => next(traced(input)),
    signalWithStart: (input, next) => next(traced(input)),
    startUpdateWithStart: (input, next) => next({ ...input, workflowStartHeaders: withTrace(input.workflowStartHeaders, activeTraceContext()) }),
  };
}

const OURS = Symbol.for('openbox.temporal.trace.v1');

/** A client's options with that interceptor among them, once; also where another copy of this package has put it there. */
export function withTraceInterceptor(options: ClientOptions): ClientOptions {
  const { workflow = [], ...others } = options.interceptors ?? {};
  // A deprecated form, for interceptors by the workflow.
  if (!Array.isArray(workflow) || workflow.some((one) => OURS in one)) return options;
  const ours = Object.assign(createTraceInterceptor(), { [OURS]: true });
  return { ...options, interceptors: { ...others, workflow: [...workflow, ours] } };
}
