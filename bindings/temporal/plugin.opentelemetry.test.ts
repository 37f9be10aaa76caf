import { promises } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { Client, type ClientOptions, type ClientPlugin } from '@temporalio/client';
import { OpenTelemetryPlugin, type OpenTelemetryPluginOptions } from '@temporalio/interceptors-opentelemetry';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Worker, type WorkerOptions, type WorkerPlugin } from '@temporalio/worker';
import { beforeEach, describe, expect, test } from 'vitest';
import { temporalAddress } from '../../tools/shared-temporal.ts';
import { registerTelemetry } from '../adapters/telemetry.test-support.ts';
import { barePlugin, plainlyCreated, pluginOf } from './plugin.test-support.ts';
import { stepsOf, testContract, testWorld, workflowsPath } from './test-support.ts';

const activities = { read: async () => (await promises.readFile(fileURLToPath(import.meta.url), 'utf8')).length };

const world = testWorld({ activities });

const exporter = new InMemorySpanExporter();
const spanProcessor = new SimpleSpanProcessor(exporter);
/** Its types are of version 1 of the SDK; what it does with these is the same. */
const telemetry = new OpenTelemetryPlugin({ resource: { attributes: {} }, spanProcessor } as unknown as OpenTelemetryPluginOptions);

beforeEach(() => {
  exporter.reset();
  registerTelemetry({ processor: spanProcessor });
});

type Both = WorkerPlugin & ClientPlugin;

describe.each<[string, (ours: Both) => readonly Both[]]>([
  ['before ours', (ours) => [telemetry, ours]],
  ['after ours', (ours) => [ours, telemetry]],
])("Temporal's OpenTelemetry plugin %s", (_where, order) => {
  test.each(['prebuilt', 'made on the spot'])('governs the same and makes one trace, %s', async (how) => {
    const plugins = [...order(pluginOf(world))];
    const bundle = await bundleWorkflowCode({ workflowsPath, plugins: [...order(barePlugin())] as never, logger: new DefaultLogger('ERROR') });
    const bundled: Partial<WorkerOptions> = { workflowBundle: bundle };
    const worker = await plainlyCreated(world, { activities, plugins, ...(how === 'prebuilt' ? bundled : { workflowBundle: undefined, workflowsPath }) });
    const client = new Client({ connection: world.connection, plugins });
    const { taskQueue } = worker.options;
    const { result, asked, handle } = await worker.runUntil(() => world.run('steps', [[{ activity: 'read' }]], { taskQueue, client }));
    expect(result).toEqual([expect.any(Number)]);
    expect(stepsOf(asked)).toEqual([
      'WorkflowStarted',
      'ActivityStarted read',
      'file_operation/started',
      'file_operation/completed',
      'ActivityCompleted read',
      'WorkflowCompleted',
    ]);
    await Worker.runReplayHistory({ workflowBundle: bundle, plugins }, await handle.fetchHistory(), handle.workflowId);

    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['StartWorkflow:steps', 'RunWorkflow:steps', 'RunActivity:read', 'RunActivity:send_governance_event', 'file.read']));
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  });
});

describe('without it, on a client', () => {
  test("ours hands the caller's trace on, once", async () => {
    const plugin = pluginOf(world);
    const connection = await NativeConnection.connect({ address: await temporalAddress(), plugins: [plugin] });
    const client = new Client({ connection, plugins: [plugin] });
    expect(client.options.interceptors.workflow).toHaveLength(1);
    await trace.getTracer('caller').startActiveSpan('caller', async (span) => {
      expect(await world.run('steps', [[{ activity: 'read' }]], { client })).toHaveProperty('result');
      span.end();
    });
    await connection.close();
    const spans = exporter.getFinishedSpans();
    expect(spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['caller', 'activity read']));
    expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  });

  test.each<[string, ClientOptions, object]>([
    ['where openTelemetry is false', { plugins: [barePlugin({ openTelemetry: false })] }, []],
    ["interceptors of the client's own stay", { plugins: [barePlugin()], interceptors: { workflow: [{}] } }, [{}, expect.anything()]],
  ])('%s', (_what, options, expected) => {
    const client = new Client({ connection: world.connection, ...options });
    expect(client.options.interceptors.workflow).toEqual(expected);
  });
});

testContract(world);
