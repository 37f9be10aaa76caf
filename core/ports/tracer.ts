import type { Attributes } from '../operation.ts';

/** A span as what hangs below it knows it; one of another process comes by W3C Trace Context. */
export interface TraceContext {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  /**
   * Whether it is recorded.
   * @default true
   */
  readonly sampled?: boolean | undefined;
  /** What tracing systems pass on beside it: the value of `tracestate`. */
  readonly state?: string | undefined;
}

/** Where an operation stands in a trace. */
export interface SpanIds {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  readonly parentSpanId: string | null;
}

/** What a person sees of a span. Never holds a credential. */
export interface SpanDescription {
  readonly name: string;
  readonly kind: 'CLIENT' | 'INTERNAL';
  readonly attributes: Attributes;
}

/** How a span ended; one without an error went well. */
export interface SpanOutcome {
  readonly attributes?: Attributes | undefined;
  readonly error?: { readonly type: string; readonly message: string } | undefined;
}

/** A piece of work as a trace shows it, from its start until `end`. */
export interface Span extends SpanIds, TraceContext {
  /** Runs code inside the span: what is traced there hangs below it. */
  within<R>(run: () => R): R;
  /** Ends it; only the first call counts. Never throws. */
  end(outcome?: SpanOutcome): void;
}

/** Gives spans their ids, and shows them to people where somebody traces. */
export interface Tracer {
  /** The span of a workflow, an activity or an operation. What is active goes before `parent`. Never throws. */
  span(description: SpanDescription, parent: TraceContext | undefined): Span;
  /** A span that only people look at; undefined, or no function at all, where nobody would see it. Never throws. */
  shown?(description: SpanDescription, parent: TraceContext | undefined): Span | undefined;
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** As many random bytes in hex. */
export function randomId(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), hex).join('');
}

const UNSEEN: Pick<Span, 'within' | 'end'> = { within: (run) => run(), end: () => {} };

/** Random ids, which nobody sees but Core; an operation inside an activity shares its trace. */
export const randomTracer: Tracer = {
  span: (_, parent) => ({
    ...UNSEEN,
    spanId: randomId(8),
    traceId: parent?.traceId ?? randomId(16),
    parentSpanId: parent?.spanId ?? null,
  }),
};

/** Twin for tests: 1, 2, 3 … */
export function countingTracer(): Tracer {
  let count = 0;
  return {
    span: (_, parent) => {
      const id = (++count).toString(16);
      return {
        ...UNSEEN,
        spanId: id.padStart(16, '0'),
        traceId: parent?.traceId ?? id.padStart(32, '0'),
        parentSpanId: parent?.spanId ?? null,
      };
    },
  };
}
