import { type OtelContext, type OtelSpan, registeredApi, remoteSpan, ROOT_CONTEXT, spanIn, traceContextOf, withSpan } from '../../core/open-telemetry-api.ts';
import { randomTracer, type Span, type SpanDescription, type SpanOutcome, type TraceContext, type Tracer, VERSION } from '../../core/index.ts';

const KINDS = { INTERNAL: 0, CLIENT: 2 } as const;
const ERROR = 2;

/** Spans of OpenTelemetry wherever a tracer provider is registered in this process, random ids wherever not. */
export const openTelemetryTracer: Tracer = {
  span: (description, parent) => startSpan(description, parent) ?? randomTracer.span(description, parent),
  shown: startSpan,
};

/** Undefined where nobody traces: no provider, or tracing suppressed. */
function startSpan({ name, kind, attributes }: SpanDescription, parent: TraceContext | undefined): Span | undefined {
  return quietly(() => {
    const { trace, context } = registeredApi();
    if (trace === undefined) return undefined;
    const around = contextAround(context?.active() ?? ROOT_CONTEXT, parent);
    const above = spanIn(around);
    const span = trace.getTracer('@openbox-ai/temporal-sdk', VERSION).startSpan(name, { kind: KINDS[kind], attributes }, around);
    const ids = traceContextOf(span);
    // Without a provider the API hands the parent itself out.
    if (ids === undefined || ids.spanId === above?.spanId) return undefined;
    let ended = false;
    return {
      ...ids,
      parentSpanId: ids.traceId === above?.traceId ? above.spanId : null,
      within: (run) => (context === undefined ? run() : context.with(withSpan(context.active(), span), run)),
      end(outcome = {}) {
        if (ended) return;
        ended = true;
        quietly(() => endSpan(span, outcome));
      },
    };
  });
}

/** What is active goes before `parent`: there it may be a span of the user's own. */
function contextAround(active: OtelContext, parent: TraceContext | undefined): OtelContext {
  return spanIn(active) === undefined ? withSpan(active, parent && remoteSpan(parent)) : active;
}

function endSpan(span: OtelSpan, { attributes, error }: SpanOutcome): void {
  if (attributes !== undefined) span.setAttributes(attributes);
  if (error !== undefined) {
    span.setAttributes({ 'error.type': error.type });
    span.setStatus({ code: ERROR, message: error.message });
  }
  span.end();
}

/** A tracing library's error is none of the application's business. */
function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
