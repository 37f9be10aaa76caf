/** Where an operation stands in a trace. */
export interface SpanIds {
  /** 32 lower-case hex digits. */
  readonly traceId: string;
  /** 16 lower-case hex digits. */
  readonly spanId: string;
  readonly parentSpanId: string | null;
}

/** Gives spans their ids: OpenTelemetry's where it runs, random ones elsewhere. */
export interface Tracer {
  /** Ids for the span of an activity or of an operation inside `parent`. */
  span(parent: SpanIds | undefined): SpanIds;
}

const hex = (byte: number): string => byte.toString(16).padStart(2, '0');

/** Random ids; an operation inside an activity shares its trace. */
export const randomTracer: Tracer = {
  span: (parent) => {
    const bytes = Array.from(crypto.getRandomValues(new Uint8Array(parent === undefined ? 24 : 8)), hex);
    return {
      spanId: bytes.slice(0, 8).join(''),
      traceId: parent?.traceId ?? bytes.slice(8).join(''),
      parentSpanId: parent?.spanId ?? null,
    };
  },
};

/** Twin for tests: 1, 2, 3 … */
export function countingTracer(): Tracer {
  let count = 0;
  return {
    span: (parent) => {
      const id = (++count).toString(16);
      return {
        spanId: id.padStart(16, '0'),
        traceId: parent?.traceId ?? id.padStart(32, '0'),
        parentSpanId: parent?.spanId ?? null,
      };
    },
  };
}
