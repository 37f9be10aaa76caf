import type { TraceContext } from './ports/tracer.ts';

const TRACEPARENT = /^([\da-f]{2})-([\da-f]{32})-([\da-f]{16})-([\da-f]{2})(-.*)?$/;
const ZEROS = /^0+$/;

/** Longer than any tracing system has to take. */
const MAX_STATE = 512;

/**
 * Reads `traceparent` and `tracestate` of W3C Trace Context (https://www.w3.org/TR/trace-context/); undefined where the
 * former is none. Never throws.
 */
export function parseTraceContext(traceparent: unknown, tracestate?: unknown): TraceContext | undefined {
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(typeof traceparent === 'string' ? traceparent.trim() : '') ?? [];
  if (version === undefined || traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  // What a later version adds is left alone; version 00 has nothing to add.
  if (version === 'ff' || (version === '00' && more !== undefined)) return undefined;
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return undefined;
  const sampled = (Number.parseInt(flags, 16) & 1) === 1;
  return { traceId, spanId, sampled, ...(isState(tracestate) && { state: tracestate }) };
}

/** The value of `traceparent`. */
export function formatTraceparent({ traceId, spanId, sampled = true }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}

function isState(value: unknown): value is string {
  return typeof value === 'string' && value !== '' && value.length <= MAX_STATE && /^[\x20-\x7e]*$/.test(value);
}
