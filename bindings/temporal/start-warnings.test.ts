import { NativeConnection, Worker } from '@temporalio/worker';
import { expect, test } from 'vitest';
import { type LogLine, memoryLogger } from '../../core/ports/logger.ts';
import { temporalAddress } from '../../tools/shared-temporal.ts';
import { pluginOf } from './plugin.test-support.ts';
import { testBundle, testContract, testWorld, unique } from './test-support.ts';

const activities = { echo: async (value: unknown) => value };
const world = testWorld({ activities });
const SAID = /^This worker runs workflows and takes no activities .* task queue "taciturn-/u;
const said = (lines: readonly LogLine[]): number => lines.filter(({ level, message }) => level === 'warn' && SAID.test(message)).length;

test('a worker that takes no activities says so; its workflows go on where another one takes them', async () => {
  const taskQueue = unique('taciturn');
  await using _workflows = await world.worker({ taskQueue, enableNonLocalActivities: false });
  expect(said(world.lines)).toBe(1);
  const handle = await world.start('steps', [[{ activity: 'echo', args: [1], local: true }]], { taskQueue });
  const connection = await NativeConnection.connect({ address: await temporalAddress() });
  {
    await using _activities = await world.worker({ taskQueue, connection, workflowBundle: undefined });
    expect(await handle.result()).toEqual([1]);
  }
  await connection.close();
  expect(said(world.lines)).toBe(1);
});

test('so does one with the plugin', async () => {
  const { lines, ...logger } = memoryLogger();
  const { connection } = world;
  const options = { connection, taskQueue: unique('taciturn'), workflowBundle: await testBundle(), activities, enableNonLocalActivities: false };
  const worker = await Worker.create({ ...options, plugins: [pluginOf(world, { logger })] });
  await worker.runUntil(Promise.resolve());
  expect(said(lines)).toBe(1);
});

testContract(world);
