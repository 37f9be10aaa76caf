import type { Attributes } from './operation.ts';
import type { TraceContext } from './ports/tracer.ts';

/**
 * Where every copy of `@opentelemetry/api` 1.x in a process finds what was registered, and the key by which they share
 * the active span: https://github.com/open-telemetry/opentelemetry-js/blob/main/api/src/internal/global-utils.ts and
 * `createContextKey` in api/src/context/context.ts. So nothing has to be imported, and nothing handed in.
 */
const API = Symbol.for('opentelemetry.js.api.1');
const ACTIVE_SPAN = Symbol.for('OpenTelemetry Context Key SPAN');

/** The part of `@opentelemetry/api` that is used here. */
export interface OtelApi {
  readonly trace?: { getTracer(name: string, version: string): { startSpan(name: string, options: object, context: OtelContext): OtelSpan } };
  readonly context?: { active(): OtelContext; with<R>(context: OtelContext, run: () => R): R };
}

export interface OtelContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): OtelContext;
  deleteValue(key: symbol): OtelContext;
}

export interface OtelSpan {
  spanContext(): OtelSpanContext;
  setAttributes(attributes: Attributes): unknown;
  setStatus(status: { readonly code: number; readonly message: string }): unknown;
  end(): void;
}

interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
  readonly traceState?: { serialize(): string } | undefined;
}

/** What is registered in this process. */
export function registeredApi(): OtelApi {
  return (globalThis as { readonly [API]?: OtelApi })[API] ?? {};
}

/** The span that code runs in, as a caller hands it on to another process; undefined where there is none. Never throws. */
export function activeTraceContext(): TraceContext | undefined {
  try {
    return spanIn(registeredApi().context?.active() ?? ROOT_CONTEXT);
  } catch {
    return undefined;
  }
}

/** The span that is active in a context; undefined for the all-zero ids of one that is none. */
export function spanIn(context: OtelContext): TraceContext | undefined {
  const span = context.getValue(ACTIVE_SPAN) as OtelSpan | undefined;
  return span && traceContextOf(span);
}

export function traceContextOf(span: OtelSpan): TraceContext | undefined {
  const { traceId, spanId, traceFlags, traceState } = span.spanContext();
  if (/^0*$/.test(traceId) || /^0*$/.test(spanId)) return undefined;
  const state = traceState?.serialize();
  return { traceId, spanId, sampled: (traceFlags & 1) === 1, ...(state && { state }) };
}

export function withSpan(context: OtelContext, span: Pick<OtelSpan, 'spanContext'> | undefined): OtelContext {
  return span === undefined ? context.deleteValue(ACTIVE_SPAN) : context.setValue(ACTIVE_SPAN, span);
}

/** A span of another process: good for being a parent. */
export function remoteSpan({ traceId, spanId, sampled = true, state }: TraceContext): Pick<OtelSpan, 'spanContext'> {
  const traceState = state === undefined ? undefined : traceStateOf(state);
  const spanContext = { traceId, spanId, traceFlags: sampled ? 1 : 0, isRemote: true, ...(traceState && { traceState }) };
  return { spanContext: () => spanContext };
}

interface TraceState {
  get(key: string): string | undefined;
  set(key: string, value: string): TraceState;
  unset(key: string): TraceState;
  serialize(): string;
}

/** `key=value`, the newest first. */
function traceStateOf(text: string): TraceState {
  const entries = text.split(',').map((entry) => entry.trim()).filter((entry) => entry.includes('='));
  const without = (key: string): string[] => entries.filter((entry) => !entry.startsWith(`${key}=`));
  return {
    get: (key) => entries.find((entry) => entry.startsWith(`${key}=`))?.slice(key.length + 1),
    set: (key, value) => traceStateOf([`${key}=${value}`, ...without(key)].join(',')),
    unset: (key) => traceStateOf(without(key).join(',')),
    serialize: () => entries.join(','),
  };
}

/** The context where no context manager is registered. */
export const ROOT_CONTEXT: OtelContext = contextOf(new Map());

function contextOf(values: ReadonlyMap<symbol, unknown>): OtelContext {
  return {
    getValue: (key) => values.get(key),
    setValue: (key, value) => contextOf(new Map(values).set(key, value)),
    deleteValue: (key) => contextOf(new Map([...values].filter(([name]) => name !== key))),
  };
}
