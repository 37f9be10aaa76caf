import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, NativeConnection, Runtime, type WorkflowBundle } from '@temporalio/worker';
import { createOpenBoxWorker, type OpenBoxWorkerOptions, workflowInterceptorModules } from '../../bindings/node/temporal.ts';
import { type CoreEvent, type LocalCore, startLocalCore, type Violation } from '../testing.ts';
import { activitiesAt } from './activities.ts';
import { act, endingOf, historyOf, type Playing, secretIn } from './client.ts';
import type { Ended, Exchange, Recording, Traffic } from './recording.ts';
import { openShop } from './shop.ts';
import { startTarget } from './target.ts';
import type { Way } from './ways.ts';

/** Where scenarios are played again, by our SDK. */
export interface Stage extends AsyncDisposable {
  /** Plays a scenario with its recorded policy, options, workflows and actions, in the usual way or in another. */
  play(recording: Recording, by?: Way): Promise<Traffic & { readonly violations: readonly Violation[] }>;
}

const SILENT = { info: () => {}, warn: () => {}, error: () => {} };

/** Opens a stage on a Temporal server, with a PostgreSQL server's URL for its database. */
export async function openStage(address: string, postgres: string): Promise<Stage> {
  const logger = new DefaultLogger('ERROR', () => {});
  Runtime.install({ logger, telemetryOptions: { logging: { filter: 'OFF' } } });
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
    workflowInterceptorModules: [...workflowInterceptorModules],
    logger,
  });
  const connection = await NativeConnection.connect({ address });
  const core = await startLocalCore();
  const database = await openShop(postgres);
  return {
    play: (recording, by) => play(recording, by, { core, connection, workflowBundle, database }),
    async [Symbol.asyncDispose]() {
      await core.close();
      await connection.close();
    },
  };
}

interface Open {
  readonly core: LocalCore;
  readonly connection: NativeConnection;
  readonly workflowBundle: WorkflowBundle;
  readonly database: string;
}

async function play(recording: Recording, by: Way | undefined, { core, connection, workflowBundle, database }: Open): ReturnType<Stage['play']> {
  const { scenario, workflow_runs: runs } = recording;
  await core.clear();
  await core.setPolicy(policyOf(recording));
  const target = await startTarget();
  const folder = await mkdtemp(join(tmpdir(), 'openbox-vectors-'));
  await mkdir(join(folder, 'files'));
  let waits = (): void => {};
  const waiting = new Promise<void>((resolve) => (waits = resolve));
  const client = new Client({ connection });
  const taskQueue = `${[scenario, by].join('-').replace(/\W+/g, '-')}-${process.pid}`;

  const options: OpenBoxWorkerOptions = {
    connection,
    taskQueue,
    workflowBundle,
    activities: activitiesAt({ url: target.url, folder: join(folder, 'files'), database, waits }, by),
    openboxUrl: core.url,
    openboxApiKey: core.apiKey,
    logger: SILENT,
    ...optionsOf(recording),
  };
  let worker = await startWorker(options);
  const playing: Playing = {
    core,
    client,
    waiting,
    async restartWorker() {
      await worker.close();
      worker = await startWorker(options);
    },
  };

  const handles: WorkflowHandle[] = [];
  const workflows: Ended[] = [];
  try {
    for (const [index, run] of runs.entries()) {
      const workflowId = `${taskQueue}-${index + 1}`;
      const handle = await client.workflow.start(run.workflow, { taskQueue, workflowId, args: [...run.args] });
      handles.push(handle);
      const done = await act(playing, handle, run.then ?? []);
      workflows.push({ ...(await endingOf(handle, run.bound_s)), ...done, history: await historyOf(client, handle) });
    }
    // What runs still, of a cancelled workflow say, has told its end when the worker has.
    await worker.close();
    const events = await core.events();
    return {
      requests: events.map((event) => exchangeOf(event, folder)),
      outcome: {
        workflows,
        target_server_hits: target.hits,
        api_key_found_in_history: await secretIn(core.apiKey, handles),
      },
      violations: events.flatMap((event) => event.violations),
    };
  } finally {
    await worker.close();
    await target.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface RunningWorker {
  close(): Promise<void>;
}

async function startWorker(options: OpenBoxWorkerOptions): Promise<RunningWorker> {
  const openbox = await createOpenBoxWorker(options);
  const running = openbox.run();
  return {
    async close() {
      await openbox.close();
      await running;
    },
  };
}

/** The recorded answer to the key's validation is a rule too. */
function policyOf({ policy, requests }: Recording): Recording['policy'] {
  const validated = requests.find(({ path }) => path.endsWith('/validate'))?.answered ?? {};
  return { ...policy, rules: [...(policy.rules ?? []), { when: { call: 'validate' }, answer: validated }] };
}

/** Python's options by our names, and what it always did and we only do where asked. */
function optionsOf({ worker_options: given }: Recording): Partial<OpenBoxWorkerOptions> {
  const camel = (name: string): string => name.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
  const named = Object.fromEntries(Object.entries(given).map(([name, value]) => [camel(name), value]));
  return { hitlPollIntervalMs: 1000, captureFileContent: true, ...named };
}

/** As the recordings write it: directories of this run are `<tmp>`. */
function exchangeOf({ path, headers, body, raw, answered }: CoreEvent, folder: string): Exchange {
  const shown = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replaceAll(folder, '<tmp>');
    if (Array.isArray(value)) return value.map(shown);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, shown(field)]));
  };
  return { path, headers, body: raw === '' ? null : (shown(body) as Exchange['body']), answered: { ...answered } };
}
