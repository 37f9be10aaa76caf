import {
  type Attributes,
  randomTracer,
  type Span,
  type SpanDescription,
  type SpanOutcome,
  type TraceContext,
  type Tracer,
  VERSION,
} from '../../core/index.ts';

/**
 * Where every copy of `@opentelemetry/api` 1.x in a process finds what was registered, and the keys by which they share
 * contexts: https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts and
 * `createContextKey` in api/src/context/context.ts. So nothing has to be imported, and nothing handed in.
 */
const API = Symbol.for('opentelemetry.js.api.1');
const ACTIVE_SPAN = Symbol.for('OpenTelemetry Context Key SPAN');

/** The part of `@opentelemetry/api` that is used here. */
interface Api {
  readonly trace?: { getTracer(name: string, version: string): { startSpan(name: string, options: object, context: OtelContext): OtelSpan } };
  readonly context?: { active(): OtelContext; with<R>(context: OtelContext, run: () => R): R };
}

interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
  deleteValue(key: symbol): OtelContext;
}

interface OtelSpan {
  spanContext(): OtelSpanContext;
  setAttributes(attributes: Attributes): unknown;
  setStatus(status: { readonly code: number; readonly message: string }): unknown;
  end(): void;
}

interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly traceState?: TraceState | undefined;
}

interface TraceState {
  get(key: string): string | undefined;
  set(key: string, value: string): TraceState;
  unset(key: string): TraceState;
  serialize(): string;
}

const KINDS = { INTERNAL: 0, CLIENT: 2 } as const;
const ERROR = 2;

/** Spans of OpenTelemetry wherever a tracer provider is registered in this process, random ids wherever not. */
export const openTelemetryTracer: Tracer = {
  span: (description, parent) => startSpan(description, parent) ?? randomTracer.span(description, parent),
  shown: startSpan,
};

/** The span that code runs in, as a caller passes it on to another process; undefined where there is none. */
export function activeTraceContext(): TraceContext | undefined {
  return quietly(() => {
    const span = registered()?.context?.active().getValue(ACTIVE_SPAN) as OtelSpan | undefined;
    return span && traceContext(span.spanContext());
  });
}

function registered(): Api | undefined {
  return (globalThis as { readonly [API]?: Api })[API];
}

/** Undefined where nobody traces: no provider, or tracing suppressed. */
function startSpan({ name, kind, attributes }: SpanDescription, parent: TraceContext | undefined): Span | undefined {
  return quietly(() => {
    const { trace, context } = registered() ?? {};
    if (trace === undefined) return undefined;
    const around = parentContext(context?.active() ?? ROOT, parent);
    const above = (around.getValue(ACTIVE_SPAN) as OtelSpan | undefined)?.spanContext();
    const span = trace.getTracer('@openbox-ai/temporal-sdk', VERSION).startSpan(name, { kind: KINDS[kind], attributes }, around);
    const ids = traceContext(span.spanContext());
    // Without a provider the API hands the parent itself out.
    if (ids === undefined || ids.spanId === above?.spanId) return undefined;
    const inside = around.setValue(ACTIVE_SPAN, span);
    let ended = false;
    return {
      ...ids,
      parentSpanId: above?.spanId ?? null,
      within: (run) => (context === undefined ? run() : context.with(inside, run)),
      end(outcome = {}) {
        if (ended) return;
        ended = true;
        quietly(() => endSpan(span, outcome));
      },
    };
  });
}

/** What is active goes before `parent`: there it may be a span of the user's own. */
function parentContext(active: OtelContext, parent: TraceContext | undefined): OtelContext {
  const span = active.getValue(ACTIVE_SPAN) as OtelSpan | undefined;
  if (span !== undefined && traceContext(span.spanContext()) !== undefined) return active;
  if (parent === undefined) return active.deleteValue(ACTIVE_SPAN);
  const { traceId, spanId, sampled = true, state } = parent;
  const spanContext = { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true, ...(state !== undefined && { traceState: traceState(state) }) };
  return active.setValue(ACTIVE_SPAN, { spanContext: () => spanContext });
}

function endSpan(span: OtelSpan, { attributes, error }: SpanOutcome): void {
  if (attributes !== undefined) span.setAttributes(attributes);
  if (error !== undefined) {
    span.setAttributes({ 'error.type': error.type });
    span.setStatus({ code: ERROR, message: error.message });
  }
  span.end();
}

/** Undefined for the all-zero ids of a span that is none. */
function traceContext({ traceId, spanId, traceFlags, traceState: state }: OtelSpanContext): TraceContext | undefined {
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  const text = state?.serialize();
  return { traceId, spanId, sampled: (traceFlags & 1) === 1, ...(text && { state: text }) };
}

/** A `tracestate` that came from elsewhere: `key=value`, the newest first. */
function traceState(text: string): TraceState {
  const entries = text.split(',').map((entry) => entry.trim()).filter((entry) => entry.includes('='));
  const without = (key: string): string[] => entries.filter((entry) => !entry.startsWith(`${key}=`));
  return {
    get: (key) => entries.find((entry) => entry.startsWith(`${key}=`))?.slice(key.length + 1),
    set: (key, value) => traceState([`${key}=${value}`, ...without(key)].join(',')),
    unset: (key) => traceState(without(key).join(',')),
    serialize: () => entries.join(','),
  };
}

/** Where no context manager is registered. */
const ROOT: OtelContext = contextOf(new Map());

function contextOf(values: ReadonlyMap<symbol, unknown>): OtelContext {
  return {
    getValue: (key) => values.get(key),
    setValue: (key, value) => contextOf(new Map(values).set(key, value)),
    deleteValue: (key) => contextOf(new Map([...values].filter(([name]) => name !== key))),
  };
}

/** A tracing library's error is none of the application's business. */
function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined;
  }
}
