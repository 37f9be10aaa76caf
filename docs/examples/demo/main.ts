import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { createOpenBox, OpenBoxError } from '@openbox-ai/temporal-sdk';
import { type LocalCore, startLocalCore } from '@openbox-ai/temporal-sdk/testing';
import { Client, WorkflowFailedError } from '@temporalio/client';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { startTemporalServer } from '../../../tools/temporal-server.ts';
import { expectations } from './expectations.ts';
import { startRecorder } from './recorder.ts';
import { startSite } from './site.ts';
import { timeline } from './timeline.ts';
import { startWorker, type WorkerProcess } from './worker-process.ts';
import { research, runaway } from './workflows.ts';

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const here = (name: string): string => fileURLToPath(new URL(name, import.meta.url));

/** What has been started, to be ended in reverse order whatever happens. */
const endings: (() => Promise<unknown>)[] = [];
const opened = <T extends { close(): Promise<unknown> }>(thing: T): T => {
  endings.push(() => thing.close());
  return thing;
};

/** The user's own Core where the environment names one, else a local one with `policy.json`. */
async function openCore(): Promise<{ readonly url: string; readonly apiKey: string; readonly local?: LocalCore }> {
  const { OPENBOX_URL: url = '', OPENBOX_API_KEY: apiKey = '' } = process.env;
  if (url !== '') {
    // Asked by its own address first: what is wrong with it is said about it, and not about the recorder before it.
    await (await createOpenBox({ openboxUrl: url, openboxApiKey: apiKey })).close();
    return { url: url.replace(/\/$/, ''), apiKey };
  }
  const local = opened(await startLocalCore({ policy: here('./policy.json') }));
  return { url: local.url, apiKey: local.apiKey, local };
}

/** The human of this demo, who is slow: the worker does not live to see the decision. */
async function approveFirst(core: LocalCore, client: Client, replaceWorker: () => Promise<void>): Promise<void> {
  const approval = await core.waitForApproval({ timeoutMs: 60_000 });
  await untilBetweenLooks(client, approval.workflow_id);
  say(`     a human is asked about ${approval.activity_type}; meanwhile the worker is killed, and another takes over`);
  await replaceWorker();
  say('     the human says yes');
  await core.approve(approval.id);
}

/** Of Temporal's states of an activity: no worker has it. */
const SCHEDULED = 1;

/** A worker that dies in the middle of a look takes it along, and ten seconds pass before Temporal tries the next one: true, but no fun to watch. */
async function untilBetweenLooks(client: Client, workflowId: string): Promise<void> {
  for (;;) {
    const { pendingActivities } = (await client.workflow.getHandle(workflowId).describe()).raw;
    if (pendingActivities?.some(({ attempt, state }) => Number(attempt) > 1 && Number(state) === SCHEDULED)) return;
    await sleep(20);
  }
}

async function main(): Promise<boolean> {
  const began = performance.now();
  say('1/5  Temporal server …');
  const address = process.env['TEMPORAL_ADDRESS'] || opened(await startTemporalServer()).address;

  const core = await openCore();
  say(`2/5  OpenBox Core: ${core.local === undefined ? core.url : 'a local one, policy.json'} …`);
  const recorder = opened(await startRecorder(core.url));
  const site = opened(await startSite());
  const folder = await mkdtemp(join(tmpdir(), 'openbox-demo-'));
  endings.push(() => rm(folder, { recursive: true, force: true }));

  say('3/5  Worker …');
  const connection = opened(await NativeConnection.connect({ address }));
  const taskQueue = `openbox-demo-${process.pid}`;
  const work = (): Promise<WorkerProcess> => startWorker({ address, taskQueue }, { url: recorder.url, apiKey: core.apiKey });
  const workers = [await work()];
  endings.push(async () => workers.at(-1)?.close());
  const replaceWorker = async (): Promise<void> => {
    await workers[0]?.kill();
    workers.push(await work());
  };

  say('4/5  Two agents at work …');
  const client = new Client({ connection });
  if (core.local === undefined) say('     where your Core asks for an approval, give it there; the agents wait for two minutes');
  else approveFirst(core.local, client, replaceWorker).catch(() => undefined);
  const input = { site: site.url, reportPath: join(folder, 'report.txt'), customer: { name: 'Ada', phone: '555-1234' } };
  const options = { taskQueue, workflowExecutionTimeout: core.local === undefined ? '2 minutes' : '1 minute' } as const;
  const researched = await ending(client.workflow.execute(research, { ...options, workflowId: `research-${process.pid}`, args: [input] }));
  const runAway = await ending(client.workflow.execute(runaway, { ...options, workflowId: `runaway-${process.pid}` }));
  await workers.at(-1)?.close();

  say('5/5  What Core was asked, and what it said\n');
  say(timeline(recorder.exchanges));
  say(`\nresearch ended: ${JSON.stringify(researched, null, 2)}`);
  say(`runaway ended: ${JSON.stringify(runAway)}`);
  say(`the site was visited at: ${site.visits.join(', ')}\n`);

  const violations = (await core.local?.events())?.flatMap((event) => event.violations);
  const checks = violations === undefined ? [] : expectations(recorder.exchanges, researched, runAway, site.visits, violations, workers.length);
  for (const { what, holds } of checks) say(`${holds ? '✓' : '✗'} ${what}`);
  say(`\nDone in ${((performance.now() - began) / 1000).toFixed(1)} s`);
  return checks.every(({ holds }) => holds);
}

/** How a workflow ended, as a value. */
async function ending<T>(run: Promise<T>): Promise<{ result: T } | { failure: string }> {
  try {
    return { result: await run };
  } catch (error) {
    if (error instanceof WorkflowFailedError) return { failure: error.cause?.message ?? error.message };
    throw error;
  }
}

/** Ends what was started, last first; safe to call twice. */
async function endAll(): Promise<void> {
  for (const end of endings.splice(0).toReversed()) await end().catch(() => undefined);
}

Runtime.install({
  // The demo ends everything itself.
  shutdownSignals: [],
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
});
for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) {
  process.once(signal, () => {
    say('\nEnding …');
    void endAll().finally(() => process.exit(code));
  });
}
try {
  process.exitCode = (await main()) ? 0 : 1;
} catch (error) {
  process.exitCode = 1;
  // Ours say what to do; of anything else the way there helps.
  const said = error instanceof Error && !(error instanceof OpenBoxError) ? error.stack : String(error);
  say(`The demo failed: ${said}`);
} finally {
  await endAll();
}
