import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { atHook, atStart, bundle, polled, type RunningWorker, testContract, testWorld, wantsApproval, withSpan } from './test-support.ts';

/** A converter of the user's own that carries a `Map`: for JSON every map is `{}`. */
const CONVERTER = `
const enc = new TextEncoder(), dec = new TextDecoder();
const isMap = (value) => Object.prototype.toString.call(value) === '[object Map]';
exports.payloadConverter = {
  toPayload: (value) => value === undefined
    ? common.defaultPayloadConverter.toPayload(value)
    : { metadata: { encoding: enc.encode('json/maps') }, data: enc.encode(JSON.stringify(value, (_, field) => isMap(field) ? { map: [...field] } : field)) },
  fromPayload: (payload) => dec.decode(payload.metadata.encoding) === 'json/maps'
    ? JSON.parse(dec.decode(payload.data), (_, field) => Array.isArray(field?.map) ? new Map(field.map) : field)
    : common.defaultPayloadConverter.fromPayload(payload),
};`;

let seen: unknown[] = [];

const activities = {
  async pays(prices: ReadonlyMap<string, number>, length = 1) {
    seen.push(prices);
    await withSpan('pays', () => 'paid', { args: ['prices'] });
    return new Map([['paid', 'x'.repeat(length)]]);
  },
};

const world = testWorld({ activities });
let folder: string;
let worker: RunningWorker;
let client: Client;
let payloadConverterPath: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openbox-converter-'));
  payloadConverterPath = join(folder, 'converter.cjs');
  const common = JSON.stringify(createRequire(import.meta.url).resolve('@temporalio/common'));
  await writeFile(payloadConverterPath, `const common = require(${common});\n${CONVERTER}`);
  const dataConverter = { payloadConverterPath };
  worker = await world.worker({ dataConverter, workflowBundle: await bundle({ payloadConverterPath }) });
  client = new Client({ connection: world.connection, dataConverter });
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
});
beforeEach(() => void (seen = []));

const PRICES = new Map([['tea', 3]]);
const AT_END = wantsApproval({ event_type: 'ActivityCompleted' });

test.each<[string, Rule, { readonly local?: true; readonly length?: number }, boolean]>([
  ['at its start', atStart(), {}, true],
  ['at its start, local', atStart(), { local: true }, true],
  ['at an operation', atHook('pays'), {}, true],
  ['at its end', AT_END, {}, true],
  ['at its end, local', AT_END, { local: true }, true],
  ['at its end, with an output that is long only as this converter writes it', AT_END, { length: 1_600_000 }, false],
])('arguments and output come through an approval %s as what they are', async (_where, rule, { local = false, length = 1 }, leaves) => {
  const handle = await world.start('steps', [[{ activity: 'pays', args: [PRICES, length], local }]], { client, taskQueue: worker.taskQueue, rules: [rule] });
  const { id } = await world.core.waitForApproval({ workflow_id: handle.workflowId });
  await polled(world, handle);
  const { events = [] } = await handle.fetchHistory();
  await world.core.approve(id);
  expect(await handle.result()).toEqual([new Map([['paid', 'x'.repeat(length)]])]);
  for (const prices of seen) expect(prices).toEqual(PRICES);
  if (!local) expect(events?.some(({ activityTaskFailedEventAttributes: failed }) => failed)).toBe(leaves);
  const options = { workflowBundle: await bundle({ payloadConverterPath }), dataConverter: { payloadConverterPath } };
  await Worker.runReplayHistory(options, await handle.fetchHistory());
});

testContract(world);
