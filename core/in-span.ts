import { errorDetails } from './error-details.ts';
import { OpenBoxError } from './errors.ts';
import type { Attributes } from './operation.ts';
import type { Span, SpanOutcome } from './ports/tracer.ts';

/** Runs code inside a span and ends it with what came of that. Errors that `isControlFlow` are none. */
export async function inSpan<R>(span: Span, run: () => Promise<R>, isControlFlow?: (error: unknown) => boolean): Promise<R> {
  try {
    const value = await span.within(run);
    span.end();
    return value;
  } catch (error) {
    span.end(isControlFlow?.(error) === true ? {} : failedWith(error));
    throw error;
  }
}

/** The end of a span with an error; ours are told by their code. */
export function failedWith(error: unknown, attributes?: Attributes): SpanOutcome {
  const { type, message } = errorDetails(error);
  const code = error instanceof OpenBoxError ? error.code : undefined;
  return { attributes, error: { type: code ?? type, message } };
}
