import { promises } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { SimplePlugin } from '@temporalio/plugin';
import { NativeConnection, Worker } from '@temporalio/worker';
import { expect, test, vi } from 'vitest';
import { temporalAddress } from '../../tools/shared-temporal.ts';
import { initialize } from './initialize.ts';
import { GovernancePlugin } from './plugin.ts';
import { askedBy, barePlugin, plainlyCreated, pluginOf } from './plugin.test-support.ts';
import { binding, type Changes, plainBundle, testBundle, testContract, testSecrecy, testWorld, unique } from './test-support.ts';
import { createOpenBoxWorker } from './worker.ts';

const activities = { read: async () => (await promises.readFile(fileURLToPath(import.meta.url), 'utf8')).length };

const world = testWorld({ activities });

/** Every event and operation of one activity that reads one file, asked about once. */
const ONCE = [
  'WorkflowStarted',
  'ActivityStarted read',
  'file_operation/started',
  'file_operation/completed',
  'ActivityCompleted read',
  'WorkflowCompleted',
];

const asked = (worker: Worker, client?: Client): Promise<readonly string[]> => askedBy(world, worker, 'read', client);

const create = (more: Changes): Promise<Worker> => plainlyCreated(world, { activities, ...more });

const connect = async (...plugins: GovernancePlugin[]): Promise<NativeConnection> =>
  NativeConnection.connect({ address: await temporalAddress(), plugins });

test('it is a plugin of Temporal', () => {
  expect(barePlugin()).toBeInstanceOf(SimplePlugin);
  expect(barePlugin().name).toBe('@openbox-ai/temporal-sdk');
});

test('on the worker', async () => {
  expect(await asked(await create({ plugins: [pluginOf(world)] }))).toEqual(ONCE);
});

test('on the worker twice: the first one counts', async () => {
  expect(await asked(await create({ plugins: [pluginOf(world), pluginOf(world, { sendActivityStartEvent: false })] }))).toEqual(ONCE);
});

test('on the connection', async () => {
  const connection = await connect(pluginOf(world));
  expect(await asked(await create({ connection }), new Client({ connection }))).toEqual(ONCE);
  await connection.close();
});

test.each(['the same one', 'another'])('on connection and worker, %s', async (which) => {
  const plugin = pluginOf(world);
  const connection = await connect(plugin);
  expect(await asked(await create({ connection, plugins: [which === 'another' ? pluginOf(world) : plugin] }))).toEqual(ONCE);
  await connection.close();
});

test('on connection and worker, by two copies of this package', async () => {
  vi.resetModules();
  const copy = await import('./plugin.ts');
  expect(copy.GovernancePlugin).not.toBe(GovernancePlugin);
  const connection = await connect(new copy.GovernancePlugin(binding, { openboxUrl: world.core.url, openboxApiKey: world.core.apiKey }));
  expect(await asked(await create({ connection, plugins: [pluginOf(world)] }))).toEqual(ONCE);
  await connection.close();
});

test('on client, connection and worker', async () => {
  const plugin = pluginOf(world);
  const connection = await connect(plugin);
  const client = new Client({ connection, plugins: [plugin] });
  expect(await asked(await create({ connection, plugins: [plugin] }), client)).toEqual(ONCE);
  await connection.close();
});

test('on the client alone it governs nothing, and harms nothing', async () => {
  const client = new Client({ connection: world.connection, plugins: [barePlugin()] });
  expect(await asked(await create({ workflowBundle: await plainBundle() }), client)).toEqual([]);
});

test('on the connection of a worker that is governed by other ways', async () => {
  const connection = await connect(pluginOf(world));
  const openbox = { openboxUrl: world.core.url, openboxApiKey: world.core.apiKey };
  const bundle = await testBundle();
  const made = await createOpenBoxWorker(binding, { ...openbox, connection, taskQueue: unique('made'), workflowBundle: bundle, activities });
  expect(await asked(made.worker)).toEqual(ONCE);
  await made.close();

  await using parts = await initialize(binding, openbox);
  const composed = await create({
    connection,
    workflowBundle: await parts.prepareBundle(bundle),
    activities: { ...activities, ...parts.activities },
    interceptors: { activity: [...parts.interceptors.activity] },
    patchActivationCallback: parts.patchActivationCallback,
  });
  expect(await asked(composed)).toEqual(ONCE);
  await connection.close();
});

test('in options that are used again', async () => {
  const options = { connection: world.connection, taskQueue: unique('again'), workflowBundle: await testBundle(), activities, plugins: [pluginOf(world)] };
  expect(await asked(await Worker.create(options))).toEqual(ONCE);
  expect(await asked(await Worker.create(options))).toEqual(ONCE);
});

test('on several workers at once: each is governed to its own end', async () => {
  const plugins = [pluginOf(world)];
  const [first, second, third] = [await create({ plugins }), await create({ plugins }), await create({ plugins })];
  await first.runUntil(async () => expect(await asked(second)).toEqual(ONCE));
  expect(await asked(third)).toEqual(ONCE);
});

testContract(world);
testSecrecy(world);
