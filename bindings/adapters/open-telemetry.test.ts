import { context, createTraceState, type Span as OtelSpan, SpanKind, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { AlwaysOffSampler, type ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { suppressTracing } from '@opentelemetry/core';
import { describe, expect, onTestFinished, test } from 'vitest';
import { activeTraceContext } from '../../core/open-telemetry-api.ts';
import { openTelemetryTracer } from './open-telemetry.ts';
import { ALLOW, BLOCK, createWorld, type World } from './test-support.ts';
import { registerTelemetry } from './telemetry.test-support.ts';
import { createTraced } from './traced.ts';

const DESCRIBED = { name: 'GET', kind: 'CLIENT', attributes: { 'url.full': 'https://example.com' } } as const;
const REMOTE = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', sampled: true } as const;

/** Registers OpenTelemetry, and returns what it has exported so far. */
function register(telemetry?: Parameters<typeof registerTelemetry>[0]): () => readonly ReadableSpan[] {
  const exporter = registerTelemetry(telemetry);
  return () => exporter.getFinishedSpans();
}

const idsOf = (span: ReadableSpan): object => ({
  spanId: span.spanContext().spanId,
  traceId: span.spanContext().traceId,
  parentSpanId: span.parentSpanContext?.spanId ?? null,
});

describe('a span', () => {
  test('is one of OpenTelemetry with its ids', () => {
    const exported = register();
    const span = openTelemetryTracer.span(DESCRIBED, undefined);
    span.end({ attributes: { 'http.response.status_code': 200 } });
    span.end({ error: { type: 'late', message: 'late' } });
    const [seen, ...more] = exported();
    expect(more).toEqual([]);
    expect(seen).toMatchObject({ name: 'GET', kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET } });
    expect(seen?.attributes).toEqual({ 'url.full': 'https://example.com', 'http.response.status_code': 200 });
    expect(span).toMatchObject(idsOf(seen as ReadableSpan));
    expect(seen?.instrumentationScope.name).toBe('@openbox-ai/temporal-sdk');
  });

  test('tells an error', () => {
    const exported = register();
    openTelemetryTracer.span({ ...DESCRIBED, kind: 'INTERNAL' }, undefined).end({ error: { type: 'RangeError', message: 'too far' } });
    expect(exported()[0]).toMatchObject({
      kind: SpanKind.INTERNAL,
      status: { code: SpanStatusCode.ERROR, message: 'too far' },
      attributes: { 'error.type': 'RangeError' },
    });
  });

  test('goes on with a trace that came from elsewhere, its state included', () => {
    register();
    const span = openTelemetryTracer.span(DESCRIBED, { ...REMOTE, state: 'a=1,b=2' });
    expect(span).toMatchObject({ traceId: REMOTE.traceId, parentSpanId: REMOTE.spanId, sampled: true, state: 'a=1,b=2' });
  });

  test('is not recorded where the caller is not', () => {
    const exported = register();
    const span = openTelemetryTracer.span(DESCRIBED, { ...REMOTE, sampled: false });
    // The default sampler goes by its parent.
    expect(span).toMatchObject({ traceId: REMOTE.traceId, sampled: false });
    span.end();
    expect(exported()).toEqual([]);
  });

  test('hangs below what is active, before the parent it is told', () => {
    register();
    const outer = openTelemetryTracer.span(DESCRIBED, undefined);
    outer.within(() => {
      expect(openTelemetryTracer.span(DESCRIBED, REMOTE)).toMatchObject({ traceId: outer.traceId, parentSpanId: outer.spanId });
      expect(trace.getActiveSpan()?.spanContext().spanId).toBe(outer.spanId);
    });
    expect(trace.getActiveSpan()).toBeUndefined();
  });

  test('keeps its ids without being sampled', () => {
    const exported = register({ sampler: new AlwaysOffSampler() });
    const span = openTelemetryTracer.span(DESCRIBED, REMOTE);
    expect(span).toMatchObject({ traceId: REMOTE.traceId, parentSpanId: REMOTE.spanId, sampled: false });
    expect(span.spanId).not.toBe(REMOTE.spanId);
    span.end();
    expect(exported()).toEqual([]);
  });

  test('needs no context manager', () => {
    const exported = register({ contexts: false });
    const outer = openTelemetryTracer.span(DESCRIBED, undefined);
    const inner = outer.within(() => openTelemetryTracer.span(DESCRIBED, outer));
    expect(inner).toMatchObject({ traceId: outer.traceId, parentSpanId: outer.spanId });
    inner.end();
    outer.end();
    expect(exported().map(idsOf)).toMatchObject([{ spanId: inner.spanId }, { spanId: outer.spanId }]);
  });

  test('survives a span processor that throws', () => {
    const broken = { onStart: () => {}, onEnd: () => { throw new Error('broken'); }, forceFlush: async () => {}, shutdown: async () => {} };
    register({ processor: broken });
    expect(() => openTelemetryTracer.span(DESCRIBED, undefined).end()).not.toThrow();
    trace.disable();
    register({ processor: { ...broken, onStart: broken.onEnd } });
    expect(openTelemetryTracer.span(DESCRIBED, REMOTE)).toMatchObject({ traceId: REMOTE.traceId, parentSpanId: REMOTE.spanId });
  });
});

describe('where nobody traces ids are random and questions have no span', () => {
  const isRandom = (): void => {
    const one = openTelemetryTracer.span(DESCRIBED, REMOTE);
    const other = openTelemetryTracer.span(DESCRIBED, REMOTE);
    expect(one).toMatchObject({ traceId: REMOTE.traceId, parentSpanId: REMOTE.spanId });
    expect(one.spanId).toMatch(/^[\da-f]{16}$/);
    expect(new Set([one.spanId, other.spanId, REMOTE.spanId]).size).toBe(3);
    expect(one.within(() => 7)).toBe(7);
    one.end();
    expect(openTelemetryTracer.shown?.(DESCRIBED, REMOTE)).toBeUndefined();
  };

  test('nothing registered', isRandom);

  test('only a context manager', () => {
    context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
    onTestFinished(() => context.disable());
    isRandom();
  });

  test('a tracer of the API without a provider behind it', () => {
    // Takes the API's global place, as `trace.disable()` leaves it.
    register();
    trace.disable();
    isRandom();
  });

  test('tracing suppressed, as exporters do', () => {
    const exported = register();
    context.with(suppressTracing(context.active()), isRandom);
    expect(exported()).toEqual([]);
  });
});

describe('the active trace', () => {
  test('is what a caller hands on', () => {
    register();
    expect(activeTraceContext()).toBeUndefined();
    const spanContext = { traceId: REMOTE.traceId, spanId: REMOTE.spanId, traceFlags: TraceFlags.SAMPLED, traceState: createTraceState('a=1') };
    context.with(trace.setSpanContext(context.active(), spanContext), () => {
      expect(activeTraceContext()).toEqual({ ...REMOTE, state: 'a=1' });
    });
  });
});

describe('an activity', () => {
  const worldOf = (answer?: Parameters<typeof createWorld>[0]): World => createWorld(answer, {}, { tracer: openTelemetryTracer });
  const byName = (spans: readonly ReadableSpan[], name: string): ReadableSpan => spans.find((span) => span.name === name) as ReadableSpan;
  const childrenOf = (spans: readonly ReadableSpan[], { spanId }: { readonly spanId: string }): readonly string[] =>
    spans
      .filter(({ parentSpanContext }) => parentSpanContext?.spanId === spanId)
      .map(({ name, attributes }) => [name, attributes['openbox.step']].filter(Boolean).join(' '));

  test('its operations and its questions are one tree, with the ids that Core is told', async () => {
    const exported = register();
    const world = worldOf();
    const traced = createTraced(world.gate);
    const own = trace.getTracer('own');
    const inner = traced(async () => own.startActiveSpan('driver', async (span: OtelSpan) => span.end()), { name: 'inner' });
    const outer = traced(async () => own.startActiveSpan('plan', async (span: OtelSpan) => inner().finally(() => span.end())), { name: 'outer' });
    await world.activity(() => outer());

    const spans = exported();
    const ids = (name: string): ReturnType<ReadableSpan['spanContext']> => byName(spans, name).spanContext();
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
    expect(childrenOf(spans, ids('activity act'))).toEqual(['openbox evaluate ActivityStarted', 'outer', 'openbox evaluate ActivityCompleted']);
    expect(childrenOf(spans, ids('outer'))).toEqual(['openbox evaluate started', 'plan', 'openbox evaluate completed']);
    expect(childrenOf(spans, ids('plan'))).toEqual(['inner']);
    expect(childrenOf(spans, ids('inner'))).toEqual(['openbox evaluate started', 'driver', 'openbox evaluate completed']);

    const told = world.asked().map(({ span }) => ({ spanId: span['span_id'], traceId: span['trace_id'], parentSpanId: span['parent_span_id'] }));
    const [toldOuter, toldInner] = [idsOf(byName(spans, 'outer')), idsOf(byName(spans, 'inner'))];
    expect(told).toEqual([toldOuter, toldInner, toldInner, toldOuter]);
  });

  test('a question shows what Core said, and carries its own place in the trace', async () => {
    const exported = register();
    const world = worldOf(({ step }) => (step === 'ActivityStarted' ? { json: { verdict: 'constrain', reason: 'slowly', policy_id: 'p-1' } } : ALLOW));
    await world.activity(async () => {});
    const [question] = exported();
    expect(question).toMatchObject({ name: 'openbox evaluate', kind: SpanKind.CLIENT, status: { code: SpanStatusCode.UNSET } });
    expect(question?.attributes).toEqual({
      'http.request.method': 'POST',
      'url.full': 'http://localhost:8086/api/v1/governance/evaluate',
      'server.address': 'localhost',
      'server.port': 8086,
      'http.response.status_code': 200,
      'openbox.step': 'ActivityStarted',
      'openbox.verdict': 'constrain',
      'openbox.reason': 'slowly',
      'openbox.policy_id': 'p-1',
    });
    const { traceId, spanId } = (question as ReadableSpan).spanContext();
    expect(world.requests[0]?.headers['traceparent']).toBe(`00-${traceId}-${spanId}-01`);
  });

  test('an operation that was refused says so, and so do those around it', async () => {
    const exported = register();
    const world = worldOf(({ step }) => (step === 'function_call/started' ? BLOCK : undefined));
    const act = createTraced(world.gate)(async () => {}, { name: 'act now' });
    await expect(world.activity(() => act())).rejects.toThrow('not here');
    for (const name of ['act now', 'activity act']) {
      expect(byName(exported(), name)).toMatchObject({
        status: { code: SpanStatusCode.ERROR, message: 'Governance blocked: not here' },
        attributes: { 'error.type': 'OPENBOX_BLOCKED' },
      });
    }
  });

  test('an operation that failed says why', async () => {
    const exported = register();
    const world = worldOf();
    const fail = createTraced(world.gate)(async () => Promise.reject(new RangeError('mine')), { name: 'fail' });
    await expect(world.activity(() => fail())).rejects.toThrow(RangeError);
    expect(byName(exported(), 'fail')).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'mine' },
      attributes: { 'error.type': 'RangeError' },
    });
  });

  test('a Core that is not reached shows too', async () => {
    const exported = register();
    await worldOf(() => ({ status: 500 })).activity(async () => {});
    expect(exported()[0]).toMatchObject({
      status: { code: SpanStatusCode.ERROR, message: 'HTTP 500' },
      attributes: { 'error.type': 'unreachable', 'http.response.status_code': 500 },
    });
  });

  test('a wait for a human is seen where it takes place', async () => {
    const exported = register();
    const approval = { verdict: 'require_approval', approval_id: 'a-1' };
    const world = worldOf(({ step, event }) => {
      if (step === 'function_call/started') return { json: approval };
      return event['event_type'] === undefined ? { json: { id: 'a-1', action: 'allow' } } : undefined;
    });
    await world.activity(() => createTraced(world.gate)(async () => 7, { name: 'pay' })());
    expect(childrenOf(exported(), byName(exported(), 'pay').spanContext())).toEqual([
      'openbox evaluate started',
      'openbox approval',
      'openbox evaluate completed',
    ]);
    expect(byName(exported(), 'openbox approval').attributes).toMatchObject({ 'openbox.approval': 'granted', 'http.response.status_code': 200 });
  });

  test('every span that was begun has ended', async () => {
    let [begun, open] = [0, 0];
    register({ processor: { onStart: () => void (begun++, open++), onEnd: () => void open--, forceFlush: async () => {}, shutdown: async () => {} } });
    const world = worldOf(({ event, span }) => (span['function'] === 'no' && event['hook_trigger'] === true ? BLOCK : undefined));
    const traced = createTraced(world.gate);
    const [yes, no, sync] = [traced(async () => 1, { name: 'yes' }), traced(async () => 2, { name: 'no' }), traced(() => 3, { name: 'sync' })];
    await world.activity(async () => [await yes(), sync()]);
    await world.activity(() => Promise.all([yes(), no(), no()])).catch(() => undefined);
    expect(begun).toBeGreaterThan(10);
    expect(open).toBe(0);
  });
});

test('without OpenTelemetry a question carries no trace', async () => {
  const world = createWorld(undefined, {}, { tracer: openTelemetryTracer });
  await world.activity(async () => {});
  expect(world.requests.length).toBe(2);
  for (const { headers } of world.requests) expect(headers).not.toHaveProperty('traceparent');
});
