import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import { registeredApi, remoteSpan, withSpan } from '../../../core/open-telemetry-api.ts';
import type { TraceContext } from '../../../core/ports/tracer.ts';
import { formatTraceparent, parseTraceContext } from '../../../core/trace-context.ts';

/** W3C Trace Context as headers of Temporal's: ids only, for headers skip the payload codec. Contract §3.1. */
const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';

/** Where Temporal's own interceptors for OpenTelemetry put the same. */
const TEMPORALS = '_tracer-data';

/** The trace that a caller is in; what Temporal's own interceptors say goes before ours. Never throws. */
export function traceOf(headers: Headers): TraceContext | undefined {
  const carrier = read(headers, TEMPORALS) as Readonly<Record<string, unknown>> | null | undefined;
  return (
    parseTraceContext(carrier?.[TRACEPARENT], carrier?.[TRACESTATE]) ??
    parseTraceContext(read(headers, TRACEPARENT), read(headers, TRACESTATE))
  );
}

/** Whether these headers carry a trace already: then it is left to whoever put it there. */
export function isTraced(headers: Headers): boolean {
  return TEMPORALS in headers || TRACEPARENT in headers;
}

/** Hands a trace on, unless these headers carry one. */
export function withTrace(headers: Headers, trace: TraceContext | undefined): Headers {
  if (trace === undefined || isTraced(headers)) return headers;
  const { state } = trace;
  return {
    ...headers,
    [TRACEPARENT]: defaultPayloadConverter.toPayload(formatTraceparent(trace)),
    ...(state !== undefined && { [TRACESTATE]: defaultPayloadConverter.toPayload(state) }),
  };
}

/**
 * Temporal's own interceptors hang what is scheduled below what is active. Our events are scheduled around the user's
 * code, where nothing of theirs is: without this each of them would begin a trace of its own.
 */
export function insideTrace<R>(trace: TraceContext | undefined, run: () => R): R {
  const { context } = registeredApi();
  if (trace === undefined || context === undefined) return run();
  return context.with(withSpan(context.active(), remoteSpan(trace)), run);
}

function read(headers: Headers, name: string): unknown {
  const payload = headers[name];
  if (payload === undefined) return undefined;
  try {
    return defaultPayloadConverter.fromPayload(payload);
  } catch {
    return undefined;
  }
}
