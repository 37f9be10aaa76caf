import { Client, type WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { initialize } from './initialize.ts';
import { atStart, binding, ending, historyText, plainBundle, polled, testBundle, testContract, testWorld, unique, wantsApproval } from './test-support.ts';
import { pluginOf, plainlyCreated } from './plugin.test-support.ts';

const activities = { echo: async (value: unknown) => value, slow: async (ms: number) => new Promise((resolve) => setTimeout(resolve, ms)) };
const world = testWorld({ activities });
const FORGETS = { stickyQueueScheduleToStartTimeout: '100ms' };

const replays = async (handle: WorkflowHandle): Promise<void> =>
  Worker.runReplayHistory({ workflowBundle: await testBundle() }, await handle.fetchHistory(), handle.workflowId);

/** What is open is approved, until the workflow has ended. */
async function approveAll(handle: WorkflowHandle): Promise<void> {
  const end = ending(handle).then(() => false);
  const later = (): Promise<boolean> => new Promise((resolve) => setTimeout(resolve, 50, true));
  for (let runs = true; runs; runs = await Promise.race([end, later()])) {
    for (const { id, status } of await world.core.approvals()) if (status === 'pending') await world.core.approve(id).catch(() => undefined);
  }
}

test('ten waits at once, some of them local, and the results in order', async () => {
  const calls = Array.from({ length: 10 }, (_, n) => ({ activity: 'echo', args: [n], local: n % 3 === 0 }));
  const handle = await world.start('together', [calls], { rules: [atStart()] });
  await approveAll(handle);
  expect(await handle.result()).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  await replays(handle);
});

test('signals, an end that waits, a child and an activity: all in one history', async () => {
  const handle = await world.start('inbox', [{ wanted: 1, after: [{ activity: 'echo', args: ['x'] }], tells: { child: 'ends' } }], {
    rules: [atStart(), wantsApproval({ event_type: 'ActivityCompleted' })],
  });
  await handle.signal('add', 1);
  await approveAll(handle);
  expect(await handle.result()).toEqual([1, 'x', 'child']);
  await replays(handle);
});

test('without a cache each task replays all before it, during an approval too', async () => {
  await using forgetful = await world.worker({ maxCachedWorkflows: 0 });
  const handle = await world.start('steps', [[{ activity: 'echo', args: [1] }, { activity: 'echo', args: [2], local: true }]], { rules: [atStart()], taskQueue: forgetful.taskQueue });
  await approveAll(handle);
  expect(await handle.result()).toEqual([1, 2]);
  await replays(handle);
});

test('a history without us in which an activity and a timer end in one task replays with us', async () => {
  const taskQueue = unique('plain');
  const bundle = await plainBundle();
  const make = (): Promise<Worker> => Worker.create({ connection: world.connection, taskQueue, workflowBundle: bundle, activities, ...FORGETS });
  const first = await make();
  const handle = await first.runUntil(async () => {
    const started = await world.client.workflow.start('races', { taskQueue, workflowId: unique('races'), args: [{ activity: 'echo', args: [1], options: { taskQueue: `${taskQueue}-activities` } }, 300] });
    await expect.poll(async () => (await started.describe()).raw.pendingActivities?.length).toBe(1);
    return started;
  });
  // Nobody runs the workflow while both end.
  const hands = await Worker.create({ connection: world.connection, taskQueue: `${taskQueue}-activities`, activities });
  await hands.runUntil(async () => {
    const ended = async (): Promise<readonly unknown[]> =>
      ((await handle.fetchHistory()).events ?? []).filter((event) => event.activityTaskCompletedEventAttributes ?? event.timerFiredEventAttributes);
    await expect.poll(async () => (await ended()).length, { timeout: 10_000 }).toBe(2);
    const second = await make();
    await second.runUntil(() => handle.result());
  });
  expect(await historyText(handle)).not.toContain('openbox');
  await replays(handle);
});

test('a workflow that was under way without us waits for approvals from then on', async () => {
  const taskQueue = unique('changing');
  const plain = await Worker.create({ connection: world.connection, taskQueue, workflowBundle: await plainBundle(), activities, ...FORGETS });
  const handle = await plain.runUntil(async () => {
    const started = await world.start('inbox', [{ wanted: 1, after: [{ activity: 'echo', args: ['then'], options: { retry: { maximumAttempts: 1 } } }] }], { rules: [atStart()], taskQueue });
    await started.query('items');
    return started;
  });
  await using ours = await world.worker({ taskQueue });
  expect(ours.openbox.getState()).toBe('RUNNING');
  await handle.signal('add', 1);
  await polled(world, handle);
  expect(await historyText(handle)).toContain('openbox_await_approval');
  await approveAll(handle);
  expect(await handle.result()).toEqual([1, 'then']);
  await replays(handle);
});

test('OpenBoxPlugin brings all of it', async () => {
  const worker = await plainlyCreated(world, { activities, plugins: [pluginOf(world, { hitlPollIntervalMs: 100 })] });
  await worker.runUntil(async () => {
    const handle = await world.start('steps', [[{ activity: 'echo', args: [1], options: { retry: { maximumAttempts: 1 } } }]], { rules: [atStart()], taskQueue: worker.options.taskQueue });
    await approveAll(handle);
    expect(await handle.result()).toEqual([1]);
  });
});

test('initialize brings all of it', async () => {
  await using parts = await initialize(binding, { openboxUrl: world.core.url, openboxApiKey: world.core.apiKey, hitlPollIntervalMs: 100 });
  const worker = await Worker.create({
    connection: world.connection,
    taskQueue: unique('parts'),
    workflowBundle: await parts.prepareBundle(await testBundle()),
    activities: { ...activities, ...parts.activities },
    interceptors: { activity: [...parts.interceptors.activity] },
    patchActivationCallback: parts.patchActivationCallback,
  });
  await worker.runUntil(async () => {
    const handle = await world.start('steps', [[{ activity: 'echo', args: [1], options: { retry: { maximumAttempts: 1 } } }]], { rules: [atStart()], taskQueue: worker.options.taskQueue });
    await approveAll(handle);
    expect(await handle.result()).toEqual([1]);
  });
});

test('nothing bypasses a payload codec but ids and HMACs', async () => {
  const codec = {
    encode: async (payloads: { metadata?: unknown; data?: Uint8Array | null }[]) =>
      payloads.map((payload) => ({ metadata: { encoding: new TextEncoder().encode('binary/test') }, data: new TextEncoder().encode(Buffer.from(JSON.stringify(toPlain(payload))).toString('base64')) })),
    decode: async (payloads: { data?: Uint8Array | null }[]) =>
      payloads.map((payload) => fromPlain(JSON.parse(Buffer.from(new TextDecoder().decode(payload.data ?? new Uint8Array()), 'base64').toString()) as Plain)),
  };
  const dataConverter = { payloadCodecs: [codec] };
  const client = new Client({ connection: world.connection, dataConverter });
  const beats = { pay: async (secret: string) => ({ got: secret }) };
  await using worker = await world.worker({ dataConverter, activities: beats });
  const rules = [atStart({ reason: 'secret-reason' }), wantsApproval({ event_type: 'ActivityCompleted' }, { reason: 'secret-reason' })];
  const handle = await world.start('steps', [[{ activity: 'pay', args: ['secret-argument'] }]], { rules, taskQueue: worker.taskQueue, client });
  await approveAll(client.workflow.getHandle(handle.workflowId));
  expect(await client.workflow.getHandle(handle.workflowId).result()).toEqual([{ got: 'secret-argument' }]);
  const text = await historyText(handle);
  expect(text).toContain('openbox_await_approval');
  expect(text).not.toMatch(/secret-argument/u);
});

interface Plain {
  readonly metadata: Readonly<Record<string, string>>;
  readonly data: string;
}

function toPlain({ metadata, data }: { metadata?: unknown; data?: Uint8Array | null }): Plain {
  const fields = Object.entries((metadata ?? {}) as Record<string, Uint8Array>).map(([name, value]) => [name, Buffer.from(value).toString('base64')] as const);
  return { metadata: Object.fromEntries(fields), data: Buffer.from(data ?? new Uint8Array()).toString('base64') };
}

function fromPlain({ metadata, data }: Plain): { metadata: Record<string, Uint8Array>; data: Uint8Array } {
  const fields = Object.entries(metadata).map(([name, value]) => [name, new Uint8Array(Buffer.from(value, 'base64'))] as const);
  return { metadata: Object.fromEntries(fields), data: new Uint8Array(Buffer.from(data, 'base64')) };
}

testContract(world);
