import { context, propagation, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, InMemorySpanExporter, type Sampler, SimpleSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { onTestFinished } from 'vitest';

interface Telemetry {
  /** Whether an active context follows a call through its awaits. */
  readonly contexts?: boolean;
  readonly sampler?: Sampler;
  /** In the place of the exporter's. */
  readonly processor?: SpanProcessor;
}

/** Registers OpenTelemetry for the running test as an application does, and returns what it exports to. */
export function registerTelemetry({ contexts = true, sampler, processor }: Telemetry = {}): InMemorySpanExporter {
  const exporter = new InMemorySpanExporter();
  const spanProcessors = [processor ?? new SimpleSpanProcessor(exporter)];
  trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors, ...(sampler && { sampler }) }));
  if (contexts) context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  onTestFinished(() => {
    trace.disable();
    context.disable();
    propagation.disable();
  });
  return exporter;
}
