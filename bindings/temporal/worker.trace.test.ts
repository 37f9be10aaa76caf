import { createRequire } from 'node:module';
import { type Span, trace } from '@opentelemetry/api';
import { type InMemorySpanExporter, type ReadableSpan, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Client, type WorkflowClientInterceptor, type WorkflowHandle, type WorkflowStartInput, WithStartWorkflowOperation } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import {
  makeWorkflowExporter,
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry';
import { type ActivityInterceptorsFactory, bundleWorkflowCode, DefaultLogger, type InjectedSinks, Worker, type WorkflowBundle } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGate } from '../../core/gate.ts';
import { startSite } from '../adapters/test-support.ts';
import { registerTelemetry } from '../adapters/telemetry.test-support.ts';
import { createTraced } from '../adapters/traced.ts';
import { withOurModules } from './bundle.ts';
import { initialize } from './initialize.ts';
import { binding, ending, historyText, testBundle, testContract, testSecrecy, testWorld, unique, workerOptions, workflowsPath } from './test-support.ts';
import { createTraceInterceptor } from './trace-interceptor.ts';
import { createOpenBoxWorker } from './worker.ts';

const site = await startSite((_, response) => response.end('hello'));
afterAll(() => site.close());

const traced = createTraced(createGate(binding.slot().scopes));
const inner = traced(async () => (await fetch(site.url)).text(), { name: 'inner' });
const outer = traced(async () => inner(), { name: 'outer' });
const activities = { echo: async (value: unknown) => value, agent: async () => outer() };

const world = testWorld({ activities });

let exporter: InMemorySpanExporter;

beforeEach(() => {
  exporter = registerTelemetry();
});

/** Runs a workflow inside a span of its caller's. */
async function runFrom(client: Client, taskQueue: string, workflow: string, args: unknown[]): Promise<{ readonly caller: Span; readonly handle: WorkflowHandle }> {
  await world.core.clear();
  return trace.getTracer('caller').startActiveSpan('caller', async (caller) => {
    const handle = await client.workflow.start(workflow, { taskQueue, workflowId: unique(workflow), args, workflowExecutionTimeout: '50s' });
    expect(await ending(handle)).not.toHaveProperty('failure');
    caller.end();
    return { caller, handle };
  });
}

const clientWith = (...workflow: WorkflowClientInterceptor[]): Client => new Client({ connection: world.connection, interceptors: { workflow } });

/** Temporal's own interceptors bring version 1 of the SDK, where this had another name. */
const parentOf = (span: ReadableSpan & { readonly parentSpanId?: string }): string | undefined => span.parentSpanContext?.spanId ?? span.parentSpanId;

/** The exported spans, each under the names of those above it. */
function tree(): readonly string[] {
  const spans = exporter.getFinishedSpans();
  const above = (span: ReadableSpan): ReadableSpan | undefined => spans.find((one) => one.spanContext().spanId === parentOf(span));
  const path = (span: ReadableSpan): string => {
    const step = span.attributes['openbox.step'];
    const name = step === undefined ? span.name : `${span.name} ${String(step)}`;
    const parent = above(span);
    return parent === undefined ? name : `${path(parent)} > ${name}`;
  };
  return spans.map(path).toSorted();
}

const traces = (): Set<string> => new Set(exporter.getFinishedSpans().map((span) => span.spanContext().traceId));

/** Where each exported span of an operation stands, and where Core was told it stands. */
async function places(...names: readonly string[]): Promise<{ readonly told: Set<string>; readonly shown: Set<string> }> {
  const events = await world.core.events();
  const hooks = events.flatMap(({ body }) => body.spans ?? []) as readonly Readonly<Record<string, unknown>>[];
  const told = hooks.map((span) => [span['name'], span['trace_id'], span['span_id'], span['parent_span_id']].join(' '));
  const shown = exporter
    .getFinishedSpans()
    .filter(({ name }) => names.includes(name))
    .map((span) => [span.name, span.spanContext().traceId, span.spanContext().spanId, parentOf(span)].join(' '));
  return { told: new Set(told), shown: new Set(shown) };
}

const QUESTIONS = ['openbox evaluate completed', 'openbox evaluate started'];
const OPERATIONS = [
  'outer',
  ...QUESTIONS.map((name) => `outer > ${name}`),
  'outer > inner',
  ...QUESTIONS.map((name) => `outer > inner > ${name}`),
  'outer > inner > GET',
  ...QUESTIONS.map((name) => `outer > inner > GET > ${name}`),
];
const below = (parent: string, names: readonly string[]): readonly string[] => [parent, ...names.map((name) => `${parent} > ${name}`)];
const activity = (name: string, operations: readonly string[] = []): readonly string[] =>
  below(`activity ${name}`, ['openbox evaluate ActivityStarted', 'openbox evaluate ActivityCompleted', ...operations]);
const event = (name: string): readonly string[] => below('activity send_governance_event', [`openbox evaluate ${name}`]);

test('one trace from client to workflow, activity, operation and question', async () => {
  const { caller } = await runFrom(clientWith(createTraceInterceptor()), world.taskQueue, 'steps', [[{ activity: 'agent' }]]);
  const expected = below('caller', [...event('WorkflowStarted'), ...activity('agent', OPERATIONS), ...event('WorkflowCompleted')]);
  expect(tree()).toEqual([...expected].toSorted());
  expect(traces()).toEqual(new Set([caller.spanContext().traceId]));

  const { told, shown } = await places('outer', 'inner', 'GET');
  expect(shown.size).toBe(3);
  expect(told).toEqual(shown);
});

test('each question to Core carries the place of its span', async () => {
  await runFrom(clientWith(createTraceInterceptor()), world.taskQueue, 'steps', [[{ activity: 'agent' }]]);
  const sent = (await world.core.events()).filter(({ path }) => path.endsWith('/evaluate')).map(({ headers }) => headers['traceparent']);
  const shown = exporter
    .getFinishedSpans()
    .filter(({ name }) => name === 'openbox evaluate')
    .map((span) => `00-${span.spanContext().traceId}-${span.spanContext().spanId}-01`);
  expect(sent.length).toBe(10);
  expect(new Set(sent)).toEqual(new Set(shown));
});

describe('the trace goes on', () => {
  test.each([
    ['to a local activity', 'steps', [[{ activity: 'echo', local: true }]], ['activity echo']],
    ['to a child workflow and its activities', 'parent', ['steps', [{ activity: 'echo' }]], ['activity echo']],
    ['through continue-as-new', 'rolls', [2, { activity: 'echo' }], ['activity echo', 'activity echo', 'activity echo']],
  ])('%s', async (_, workflow, args, expected) => {
    const { caller } = await runFrom(clientWith(createTraceInterceptor()), world.taskQueue, workflow, args);
    const spans = exporter.getFinishedSpans().filter(({ name }) => name === 'activity echo');
    expect(spans.map(({ name }) => name)).toEqual(expected);
    for (const span of spans) expect(parentOf(span)).toBe(caller.spanContext().spanId);
    expect(traces()).toEqual(new Set([caller.spanContext().traceId]));
  });

  test('from signalWithStart and from an update that starts', async () => {
    const { workflow } = clientWith(createTraceInterceptor());
    const options = { taskQueue: world.taskQueue, workflowExecutionTimeout: '50s' } as const;
    const args = [{ wanted: 1, after: [{ activity: 'echo' }] }];
    await trace.getTracer('caller').startActiveSpan('caller', async (span) => {
      const signalled = await workflow.signalWithStart('inbox', { ...options, args, workflowId: unique('inbox'), signal: 'add', signalArgs: [1] });
      expect(await ending(signalled)).not.toHaveProperty('failure');
      const start = new WithStartWorkflowOperation('inbox', { ...options, args, workflowId: unique('inbox'), workflowIdConflictPolicy: 'FAIL' });
      await workflow.executeUpdateWithStart('put', { args: [1], startWorkflowOperation: start });
      expect(await ending(await start.workflowHandle())).not.toHaveProperty('failure');
      span.end();
    });
    expect(traces().size).toBe(1);
    expect(exporter.getFinishedSpans().filter(({ name }) => name === 'activity echo').length).toBe(2);
  });
});

test('without OpenTelemetry a traceparent that a client gives is what Core is told', async () => {
  trace.disable();
  const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
  const given: WorkflowClientInterceptor = {
    startWithDetails(input: WorkflowStartInput, next) {
      const traceparent = defaultPayloadConverter.toPayload(`00-${traceId}-00f067aa0ba902b7-01`);
      return next({ ...input, headers: { ...input.headers, traceparent } });
    },
  };
  await world.core.clear();
  const handle = await clientWith(given).workflow.start('steps', { taskQueue: world.taskQueue, workflowId: unique('given'), args: [[{ activity: 'agent' }]] });
  expect(await ending(handle)).toEqual({ result: ['hello'] });
  const spans = (await world.core.events()).flatMap(({ body }) => body.spans ?? []);
  expect(spans.length).toBe(6);
  expect(new Set(spans.map((span) => span['trace_id']))).toEqual(new Set([traceId]));
  expect(exporter.getFinishedSpans()).toEqual([]);
});

describe.each([
  ['none of Temporal’s kind', 7],
  ['no trace', 'nonsense'],
  ['no text', { not: 'text' }],
])('a header that is %s', (_, value) => {
  test('does no harm', async () => {
    const given: WorkflowClientInterceptor = {
      startWithDetails(input, next) {
        const payload = defaultPayloadConverter.toPayload(value);
        return next({ ...input, headers: { traceparent: payload, tracestate: payload, '_tracer-data': payload } });
      },
    };
    const handle = await clientWith(given).workflow.start('steps', { taskQueue: world.taskQueue, workflowId: unique('bad'), args: [[{ activity: 'echo', args: [1] }]] });
    expect(await ending(handle)).toEqual({ result: [1] });
  });
});

test('histories with a trace replay, also without one', async () => {
  const client = clientWith(createTraceInterceptor());
  await trace.getTracer('caller').startActiveSpan('caller', async (span) => {
    const handle = await client.workflow.start('bursts', {
      taskQueue: world.taskQueue,
      workflowId: unique('bursts'),
      args: [(await world.start('inbox', [{ wanted: 1 }])).workflowId],
    });
    expect(await ending(handle)).not.toHaveProperty('failure');
    expect(await historyText(handle)).toContain(span.spanContext().traceId);
    const history = await handle.fetchHistory();
    const fields = history.events?.[0]?.workflowExecutionStartedEventAttributes?.header?.fields ?? {};
    expect(Object.keys(fields)).toEqual(['traceparent']);
    await Worker.runReplayHistory({ workflowBundle: await testBundle() }, history, handle.workflowId);
    delete fields['traceparent'];
    await Worker.runReplayHistory({ workflowBundle: await testBundle() }, history, handle.workflowId);
    span.end();
  });
});

describe('with Temporal’s own interceptors for OpenTelemetry', () => {
  const theirs = { workflowModules: [createRequire(import.meta.url).resolve('@temporalio/interceptors-opentelemetry/lib/workflow-interceptors')] };
  const inbound: ActivityInterceptorsFactory = (ctx) => ({ inbound: new OpenTelemetryActivityInboundInterceptor(ctx) });
  let bundle: WorkflowBundle;

  beforeAll(async () => {
    bundle = await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules: withOurModules(theirs.workflowModules), logger: new DefaultLogger('ERROR') });
  });

  /** What they export of workflows. */
  const sinks = (): InjectedSinks<never> => {
    const [processor, resource] = [new SimpleSpanProcessor(exporter), { attributes: {} }] as unknown as Parameters<typeof makeWorkflowExporter>;
    return { exporter: makeWorkflowExporter(processor, resource) } as unknown as InjectedSinks<never>;
  };

  test('after ours: one trace, and theirs leads', async () => {
    const given = await workerOptions(world, { activities, workflowBundle: bundle, interceptors: { activity: [inbound] }, sinks: sinks() });
    const worker = await createOpenBoxWorker(binding, given);
    const client = clientWith(new OpenTelemetryWorkflowClientInterceptor(), createTraceInterceptor());
    const { caller, handle } = await worker.runUntil(() => runFrom(client, given.taskQueue, 'steps', [[{ activity: 'agent' }]]));
    expect(traces()).toEqual(new Set([caller.spanContext().traceId]));
    const start = 'caller > StartWorkflow:steps > RunWorkflow:steps > StartActivity:agent';
    expect(tree()).toEqual(expect.arrayContaining([`${start} > activity agent`, `${start} > RunActivity:agent > outer > inner > GET`]));
    const { told, shown } = await places('outer', 'inner', 'GET');
    expect(shown.size).toBe(3);
    expect(told).toEqual(shown);
    await Worker.runReplayHistory({ workflowBundle: bundle, sinks: sinks() }, await handle.fetchHistory(), handle.workflowId);
  });

  test('before ours: the activity hangs below theirs', async () => {
    const given = await workerOptions(world, {});
    const parts = await initialize(binding, { openboxUrl: world.core.url, openboxApiKey: world.core.apiKey });
    const worker = await Worker.create({
      connection: world.connection,
      taskQueue: given.taskQueue,
      workflowBundle: await parts.prepareBundle(bundle),
      activities: { ...activities, ...parts.activities },
      interceptors: { activity: [inbound, ...parts.interceptors.activity] },
      patchActivationCallback: parts.patchActivationCallback,
      sinks: sinks(),
    });
    const client = clientWith(new OpenTelemetryWorkflowClientInterceptor());
    const { caller } = await worker.runUntil(() => runFrom(client, given.taskQueue, 'steps', [[{ activity: 'agent' }]]));
    await parts.close();
    expect(traces()).toEqual(new Set([caller.spanContext().traceId]));
    const start = 'caller > StartWorkflow:steps > RunWorkflow:steps > StartActivity:agent';
    expect(tree()).toContain(`${start} > RunActivity:agent > activity agent > outer > inner > GET`);
    const { told, shown } = await places('outer', 'inner', 'GET');
    expect(shown.size).toBe(3);
    expect(told).toEqual(shown);
  });
});

testContract(world);
testSecrecy(world);
