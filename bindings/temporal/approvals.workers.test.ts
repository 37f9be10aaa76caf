import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import { actualRuntime } from '../../conformance/actual-runtime.ts';
import { resolveConfig } from '../../core/config.ts';
import { temporalAddress } from '../../tools/shared-temporal.ts';
import type { WorkerOrders } from './approvals.workers.test-support.ts';
import { prepareBundle } from './bundle.ts';
import { atStart, ending, idle, polled, stepsOf, testBundle, testContract, testWorld, unique, wantsApproval } from './test-support.ts';

const world = testWorld({ activities: {} });
const program = fileURLToPath(new URL('./approvals.workers.test-support.ts', import.meta.url));
const START: Readonly<Record<string, readonly string[]>> = { node: ['--import', 'tsx'], bun: [], deno: ['run', '-A'] };

let folder: string;
let taskQueue: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openbox-workers-'));
  const config = resolveConfig({ openboxUrl: world.core.url, openboxApiKey: world.core.apiKey });
  await writeFile(join(folder, 'bundle.js'), (await prepareBundle(await testBundle(), config)).code);
});
afterAll(() => rm(folder, { recursive: true }));
beforeEach(async () => {
  taskQueue = unique('killed');
  await writeFile(join(folder, 'effects'), '');
});
afterEach(() => children.splice(0).forEach((child) => child.kill('SIGKILL')));

/** A worker in a process of its own, polling. */
async function workerProcess(more: Partial<WorkerOrders> = {}): Promise<ChildProcess> {
  const orders: WorkerOrders = {
    address: await temporalAddress(),
    taskQueue,
    codePath: join(folder, 'bundle.js'),
    openboxUrl: world.core.url,
    openboxApiKey: world.core.apiKey,
    effects: join(folder, 'effects'),
    ...more,
  };
  const child = spawn(process.execPath, [...(START[actualRuntime().actual] ?? []), program, JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  const polls = await Promise.race([once(child.stdout, 'data').then(() => true), once(child, 'exit').then(() => false)]);
  if (!polls) throw new Error('the process of a worker ended before it polled; its standard error says why');
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

const effects = async (): Promise<readonly string[]> => (await readFile(join(folder, 'effects'), 'utf8')).trim().split('\n').filter((line) => line !== '');
const pay = (n: number, more: object = {}): object => ({ activity: 'pay', args: [n], ...more });
const LONG = { options: { workflowExecutionTimeout: '110s', workflowTaskTimeout: '2s' } } as const;

test('a worker that is killed while five approvals are open is replaced: none is asked anew, each runs once (fault: approval-forgotten-by-restart)', async () => {
  const first = await workerProcess();
  const handle = await world.start('together', [[1, 2, 3, 4, 5].map((n) => pay(n))], { rules: [atStart()], taskQueue, ...LONG });
  await expect.poll(async () => (await world.core.approvals()).filter(({ polls }) => polls > 0).length, { timeout: 30_000 }).toBe(5);
  await kill(first);
  const before = new Map((await world.core.approvals()).map(({ id, polls }) => [id, polls]));
  await workerProcess();
  // Not decided before the second worker has looked: by then it would have asked anew.
  const looked = async (): Promise<boolean> => (await world.core.approvals()).every(({ id, polls }) => polls > (before.get(id) ?? 0));
  await expect.poll(looked, { timeout: 30_000 }).toBe(true);
  for (const { id } of await world.core.approvals()) await world.core.approve(id);
  expect(await handle.result()).toEqual([[1], [2], [3], [4], [5]]);
  expect(await effects()).toHaveLength(5);
  expect(await world.core.approvals()).toHaveLength(5);
  expect(stepsOf(await world.asked(handle.workflowId)).filter((step) => step === 'ActivityStarted pay')).toHaveLength(10);
  await Worker.runReplayHistory({ workflowBundle: await testBundle() }, await handle.fetchHistory());
}, 90_000);

test('one of two workers of a queue is killed in the middle of a look: the other goes on (fault: approval-known-to-one-worker)', async () => {
  const first = await workerProcess();
  const rules = [{ when: { call: 'governance/approval' as const }, answer: { delay_ms: 60_000, verdict: 'allow' as const }, times: 1 }, atStart()];
  const handle = await world.start('steps', [[pay(1)]], { rules, taskQueue, ...LONG });
  const { id } = await world.core.waitForApproval({ workflow_id: handle.workflowId });
  // Its look is at Core, the answer is not out.
  await polled(world, handle);
  await workerProcess();
  await kill(first);
  const { n = 0 } = (await world.core.events()).at(-1) ?? {};
  await world.core.waitForEvent((event) => event.n > n && event.path.endsWith('/approval'), { timeoutMs: 30_000 });
  await world.core.approve(id);
  expect(await handle.result()).toEqual([[1]]);
  expect(await effects()).toHaveLength(1);
  // Once before the wait, once after the grant.
  expect(stepsOf(await world.asked(handle.workflowId)).filter((step) => step === 'ActivityStarted pay')).toHaveLength(2);
}, 120_000);

test('killed before the approval is known, and after the grant: asked once more, run once', async () => {
  const first = await workerProcess();
  const handle = await world.start('steps', [[pay(1, { options: { startToCloseTimeout: '3s' } })]], {
    rules: [{ when: { event_type: 'ActivityStarted' }, answer: { delay_ms: 30_000, verdict: 'allow' }, times: 1 }, atStart()],
    taskQueue,
    ...LONG,
  });
  // The question is at Core, the answer is not out.
  await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'ActivityStarted' });
  await kill(first);
  const second = await workerProcess();
  const { id } = await world.core.waitForApproval({ workflow_id: handle.workflowId, timeoutMs: 30_000 });
  await kill(second);
  await world.core.approve(id);
  await workerProcess();
  expect(await handle.result()).toEqual([[1]]);
  expect(await effects()).toHaveLength(1);
}, 120_000);

test("a signal's BLOCK stops what comes next, whichever worker was told of it (fault: signal-block-known-to-one-worker)", async () => {
  const first = await workerProcess();
  const handle = await world.start('inbox', [{ wanted: 2, after: [pay(1)] }], {
    rules: [{ when: { event_type: 'SignalReceived' }, answer: { verdict: 'block', reason: 'not this one' }, times: 1 }],
    taskQueue,
    ...LONG,
  });
  await handle.signal('add', 'x');
  await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'SignalReceived' });
  await idle(handle);
  await kill(first);
  await workerProcess();
  await handle.signal('poke');
  expect(await ending(handle)).toMatchObject({ failure: [{ name: 'ActivityFailure' }, { type: 'GovernanceBlock', message: 'Governance blocked: not this one' }] });
  expect(await effects()).toEqual([]);
}, 120_000);

test('killed while the activity runs that was granted: the grant holds for its next attempt', async () => {
  const first = await workerProcess();
  const handle = await world.start('steps', [[pay(1, { options: { startToCloseTimeout: '3s' } })]], {
    rules: [{ when: { event_type: 'ActivityCompleted' }, answer: { delay_ms: 30_000, verdict: 'allow' }, times: 1 }, atStart({ approval_repeats: true })],
    taskQueue,
    ...LONG,
  });
  await world.core.approve((await world.core.waitForApproval({ workflow_id: handle.workflowId })).id);
  // Its work is done, its end is not out.
  await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'ActivityCompleted' });
  await kill(first);
  await workerProcess();
  expect(await handle.result()).toEqual([[1]]);
  expect(await effects()).toHaveLength(2);
  const waits = ((await handle.fetchHistory()).events ?? []).filter(({ activityTaskScheduledEventAttributes: one }) => one?.activityType?.name === 'openbox_await_approval');
  expect(waits).toHaveLength(1);
}, 90_000);

test.each([
  [20, 1, 1000],
  [200, 10, 5000],
])('%i waits hold no slot of a worker that has %i: others run meanwhile', async (count, slots, hitlPollIntervalMs) => {
  await workerProcess({ slots, hitlPollIntervalMs });
  const waiting = await world.start('together', [Array.from({ length: count }, (_, n) => pay(n))], {
    rules: [wantsApproval({ event_type: 'ActivityStarted', workflow_type: 'together', hook: false })],
    taskQueue,
    ...LONG,
  });
  await expect.poll(async () => (await world.core.approvals()).filter(({ polls }) => polls > 0).length, { timeout: 60_000 }).toBe(count);
  const others = await Promise.all([101, 102, 103].map((n) => world.client.workflow.execute('steps', { taskQueue, workflowId: unique('other'), args: [[pay(n)]] })));
  expect(others).toEqual([[[101]], [[102]], [[103]]]);
  expect((await world.core.approvals()).every(({ status }) => status === 'pending')).toBe(true);
  for (const { id } of await world.core.approvals()) await world.core.approve(id);
  expect(await waiting.result()).toHaveLength(count);
  expect(await effects()).toHaveLength(count + 3);
}, 120_000);

testContract(world);
