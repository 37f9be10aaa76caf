import { fileURLToPath } from 'node:url';
import { inspect } from 'node:util';
import { Client, WorkflowFailedError, type WorkflowHandle, type WorkflowStartOptions } from '@temporalio/client';
import { type BundleOptions, bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, type WorkflowBundle } from '@temporalio/worker';
import { afterAll, beforeAll, expect, onTestFailed, test } from 'vitest';
import { actualRuntime } from '../../conformance/actual-runtime.ts';
import { type CoreEvent, type LocalCore, type Payload, type Policy, type Rule, startLocalCore, type Violation } from '../../conformance/testing.ts';
import type { Binding } from '../../core/binding.ts';
import { type LogLine, memoryLogger } from '../../core/ports/logger.ts';
import { sharedJson } from '../../tools/shared-json.ts';
import { temporalAddress } from '../../tools/shared-temporal.ts';
import { workflowInterceptorModules } from './bundle.ts';
import type { OpenBoxWorkerOptions } from './options.ts';
import { showHistory } from './show-history.test-support.ts';
import type { WithSpan } from './with-span.ts';
import { createOpenBoxWorker, type OpenBoxWorker } from './worker.ts';
import type { Call } from './workflow/test-support.ts';

/** The binding of the runtime that runs these tests. */
const BINDINGS = {
  node: async () => ({ binding: (await import('../node/index.ts')).nodeBinding, ...(await import('../node/temporal.ts')) }),
  bun: async () => ({ binding: (await import('../bun/index.ts')).bunBinding, ...(await import('../bun/temporal.ts')) }),
  deno: async () => ({ binding: (await import('../deno/index.ts')).denoBinding, ...(await import('../deno/temporal.ts')) }),
} as const;

const own = await BINDINGS[actualRuntime().actual as keyof typeof BINDINGS]();
export const binding: Binding = own.binding;
export const withSpan: WithSpan = own.withSpan;

export const workflowsPath: string = fileURLToPath(new URL('./workflow/test-support.ts', import.meta.url));

/** What Temporal's own logger was told in this process, workflows' `log` among it. */
export const runtimeLog: string[] = [];

let isQuiet = false;

/** Temporal talks more than a test's reader wants to know. */
export function quiet(): void {
  if (isQuiet) return;
  isQuiet = true;
  const logger = new DefaultLogger('WARN', ({ level, message }) => void runtimeLog.push(`${level}: ${message}`));
  Runtime.install({ logger, telemetryOptions: { logging: { filter: 'ERROR' } } });
}

/** The workflows of these tests with our interceptors, or as `more` says. */
export const bundle = (more: Partial<BundleOptions> = {}): Promise<WorkflowBundle> =>
  bundleWorkflowCode({ workflowsPath, workflowInterceptorModules: [...workflowInterceptorModules], logger: new DefaultLogger('ERROR'), ...more });

export const testBundle = (): Promise<WorkflowBundle> => sharedJson('test-bundle', bundle);

/** The same workflows without our interceptors. */
export const plainBundle = (): Promise<WorkflowBundle> => sharedJson('plain-bundle', () => bundle({ workflowInterceptorModules: [] }));

/** How a workflow ended: its result, or its failures from the outermost to the innermost. */
export interface Ended {
  readonly result?: unknown;
  readonly failure?: readonly Link[];
}

export interface Link {
  readonly name: string;
  readonly message: string;
  readonly type?: unknown;
  readonly details?: unknown;
}

/** Options to add, or to leave out where undefined. */
export type Changes = { readonly [K in keyof OpenBoxWorkerOptions]?: OpenBoxWorkerOptions[K] | undefined };

export interface World extends AsyncDisposable {
  readonly core: LocalCore;
  readonly client: Client;
  readonly connection: NativeConnection;
  readonly taskQueue: string;
  readonly lines: readonly LogLine[];
  /** Another worker on a task queue of its own, running. */
  worker(options?: Changes): Promise<RunningWorker>;
  /** Runs with these rules and a clean slate, and returns how it ended and what Core was asked about it. */
  run(workflow: string, args: readonly unknown[], setting?: Setting): Promise<Ran>;
  start(workflow: string, args: readonly unknown[], setting?: Setting): Promise<WorkflowHandle>;
  /** Payloads of the file so far that depart from the contract. */
  violations(): Promise<readonly Violation[]>;
  /** Everything that was written down so far: the histories of what `start` started, and logs. */
  records(): Promise<readonly string[]>;
  /** What Core was asked about a workflow, in order. */
  asked(workflowId: string): Promise<readonly Payload[]>;
}

export interface Setting {
  readonly rules?: Policy['rules'];
  readonly default?: Policy['default'];
  readonly taskQueue?: string;
  readonly options?: Partial<WorkflowStartOptions>;
  readonly client?: Client;
}

export interface Ran extends Ended {
  readonly workflowId: string;
  readonly handle: WorkflowHandle;
  readonly asked: readonly Payload[];
}

export interface RunningWorker extends AsyncDisposable {
  readonly taskQueue: string;
  readonly openbox: OpenBoxWorker;
}

let count = 0;
export const unique = (name: string): string => `${name}-${process.pid}-${++count}`;

/** A local Core, a worker and a client for the tests of a file. */
export async function openWorld(options: Partial<OpenBoxWorkerOptions> = {}): Promise<World> {
  const address = await temporalAddress();
  quiet();
  const core = await startLocalCore();
  const connection = await NativeConnection.connect({ address });
  const client = new Client({ connection });
  const { lines, ...logger } = memoryLogger();

  const worker = async (more: Changes = {}): Promise<RunningWorker> => {
    const given = { hitlPollIntervalMs: 100, logger, ...options, ...more };
    const openbox = await createOpenBoxWorker(binding, await workerOptions({ core, connection }, given));
    const running = openbox.run();
    return {
      taskQueue: openbox.worker.options.taskQueue,
      openbox,
      async [Symbol.asyncDispose]() {
        await openbox.close();
        await running;
      },
    };
  };
  const main = await worker();

  const found: Violation[] = [];
  const violations: World['violations'] = async () => {
    found.push(...(await core.events()).flatMap((event) => event.violations));
    return found;
  };

  const handles: WorkflowHandle[] = [];
  const start: World['start'] = async (workflow, args, { rules, default: fallback, taskQueue = main.taskQueue, options: given, client: by = client } = {}) => {
    await violations();
    await core.clear();
    await core.setPolicy({ ...(rules && { rules }), ...(fallback && { default: fallback }) });
    const handle = await by.workflow.start(workflow, {
      taskQueue,
      workflowId: unique(workflow),
      args: [...args],
      workflowExecutionTimeout: '50s',
      ...given,
    });
    handles.push(client.workflow.getHandle(handle.workflowId));
    if (expect.getState().currentTestName !== undefined) onTestFailed(() => showHistory(handle));
    return handle;
  };
  const asked: World['asked'] = async (workflowId) =>
    (await core.events()).filter(({ path, body }) => path.endsWith('/evaluate') && body.workflow_id === workflowId).map(({ body }) => body);

  return {
    core,
    client,
    connection,
    lines,
    taskQueue: main.taskQueue,
    worker,
    start,
    asked,
    violations,
    records: async () => [...(await Promise.all(handles.map(historyText))), inspect(lines, { depth: 10 }), ...runtimeLog],
    async run(workflow, args, setting) {
      const handle = await start(workflow, args, setting);
      const ended = await ending(handle);
      return { ...ended, handle, workflowId: handle.workflowId, asked: await asked(handle.workflowId) };
    },
    async [Symbol.asyncDispose]() {
      await main[Symbol.asyncDispose]();
      await connection.close();
      await core.close();
    },
  };
}

/** The world of a test file: there before its first test, gone after its last. */
export function testWorld(options: Partial<OpenBoxWorkerOptions> = {}): World {
  const world = {} as World;
  beforeAll(async () => void Object.assign(world, await openWorld(options)));
  afterAll(() => world[Symbol.asyncDispose]());
  return world;
}

/** For the end of a file: what its tests made the SDK send. */
export function testContract(world: World): void {
  test('nothing that Core received departed from the contract', async () => {
    expect(await world.violations()).toEqual([]);
  });
}

/** For the end of a file: what its tests made Temporal write down. */
export function testSecrecy(world: World): void {
  test('the API key stands in no history and no log (fault: key-in-history)', async () => {
    const records = await world.records();
    expect(records.some((text) => text.includes('"event_type":"WorkflowStarted"'))).toBe(true);
    for (const text of records) expect(text).not.toContain(world.core.apiKey);
  });
}

/** Options of a worker on a task queue of its own; what is undefined is left out. */
export async function workerOptions({ core, connection }: Pick<World, 'core' | 'connection'>, more: object): Promise<OpenBoxWorkerOptions> {
  const given = {
    connection,
    taskQueue: unique('queue'),
    workflowBundle: await testBundle(),
    openboxUrl: core.url,
    openboxApiKey: core.apiKey,
    ...more,
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as unknown as OpenBoxWorkerOptions;
}

export async function ending(handle: WorkflowHandle): Promise<Ended> {
  try {
    return { result: await handle.result() };
  } catch (error) {
    if (!(error instanceof WorkflowFailedError)) throw error;
    return { failure: chainOf(error.cause) };
  }
}

export function chainOf(error: unknown): readonly Link[] {
  if (!(error instanceof Error)) return [];
  const { name, message, cause, type, details } = error as Error & { type?: unknown; details?: unknown };
  return [{ name, message, ...(type !== undefined && { type }), ...(details !== undefined && { details }) }, ...chainOf(cause)];
}

/** What the events were about, in one word each. */
export function stepsOf(asked: readonly Payload[]): readonly string[] {
  return asked.map((body) => {
    const [span] = body.spans ?? [];
    const about = body.activity_type ?? (body['signal_name'] as string | undefined);
    if (body['hook_trigger'] === true) return `${String(span?.['hook_type'])}/${String(span?.['stage'])}`;
    return about === undefined ? String(body.event_type) : `${String(body.event_type)} ${about}`;
  });
}

/** A rule that wants a human's approval. */
export const wantsApproval = (when: object, more: object = {}, times?: number): Rule => ({
  when,
  answer: { verdict: 'require_approval', reason: 'please look', ...more },
  ...(times !== undefined && { times }),
});
export const atStart = (more?: object, times?: number): Rule => wantsApproval({ event_type: 'ActivityStarted', hook: false }, more, times);
export const atHook = (name: string, more?: object): Rule => wantsApproval({ function: name, stage: 'started' }, more);

/** Resolves once it has been asked how the approval stands. */
export const polled = ({ core }: World, { workflowId }: WorkflowHandle): Promise<CoreEvent> =>
  core.waitForEvent({ call: 'governance/approval', workflow_id: workflowId });

/** Resolves once no worker has anything of the workflow in hand: what a worker takes with it as it ends comes back only after a timeout. */
export const idle = (handle: WorkflowHandle): Promise<void> =>
  expect
    .poll(async () => {
      const { pendingActivities, pendingWorkflowTask } = (await handle.describe()).raw;
      return [...(pendingActivities ?? []), ...(pendingWorkflowTask ? [pendingWorkflowTask] : [])];
    })
    .toEqual([]);

/** What tests of approvals do with a workflow of one activity. */
export interface ApprovalsIn {
  start(activity: string, rules: Policy['rules'], args?: readonly unknown[], call?: Partial<Call>, taskQueue?: string): Promise<WorkflowHandle>;
  /** The id of its first pending approval. */
  approval(handle: WorkflowHandle): Promise<string>;
  /** How often its activity has started. */
  started(handle: WorkflowHandle): Promise<number>;
}

export const approvalsIn = (world: World): ApprovalsIn => ({
  start: (activity, rules, args = [], call = {}, taskQueue = world.taskQueue) =>
    world.start('steps', [[{ activity, args, ...call }]], { ...(rules && { rules }), taskQueue }),
  approval: async ({ workflowId }) => (await world.core.waitForApproval({ workflow_id: workflowId })).id,
  started: async ({ workflowId }) => stepsOf(await world.asked(workflowId)).filter((step) => step.startsWith('ActivityStarted')).length,
});

/** Every text and every byte of a history, payloads decoded. */
export async function historyText(handle: WorkflowHandle): Promise<string> {
  return textOf(await handle.fetchHistory());
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return Object.entries(value).map(([name, field]) => `${name}: ${textOf(field)}`).join('\n');
}
