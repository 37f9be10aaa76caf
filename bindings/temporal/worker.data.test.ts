import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Context } from '@temporalio/activity';
import { Client, type WorkflowHandle } from '@temporalio/client';
import { type Payload, type PayloadCodec, TypedSearchAttributes, defineSearchAttributeKey } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { kindsActivities, kindsBundle, kindsPath, replays } from './kinds.test-support.ts';
import { bundle, ending, stepsOf, testContract, testWorld, unique, withSpan } from './test-support.ts';

/** In every value of these tests. */
const SECRET = 's3cret-word';

const activities = {
  ...kindsActivities,
  /** Beats and fails once. */
  beats: async (value: unknown) => {
    Context.current().heartbeat({ beat: value });
    if (Context.current().info.attempt === 1) throw new Error(`${SECRET} of a failure`);
    return withSpan('operation', () => Context.current().info.heartbeatDetails);
  },
};

const world = testWorld({ activities, workflowBundle: await kindsBundle() });

const utf8 = (bytes: Uint8Array | null | undefined): string => Buffer.from(bytes ?? []).toString();
const encodingOf = ({ metadata }: Payload): string => utf8(metadata?.['encoding']);

/** Nothing that it has seen can be read. */
const codec: PayloadCodec = {
  encode: async (payloads) => payloads.map((payload) => ({ metadata: { encoding: Buffer.from('binary/sealed') }, data: Buffer.from(sealed(payload)) })),
  decode: async (payloads) => payloads.map((payload) => (encodingOf(payload) === 'binary/sealed' ? opened(utf8(payload.data)) : payload)),
};

function sealed({ metadata, data }: Payload): string {
  const fields = Object.entries(metadata ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]);
  return Buffer.from(JSON.stringify([fields, Buffer.from(data ?? []).toString('base64')])).toString('hex');
}

function opened(text: string): Payload {
  const [fields, data] = JSON.parse(utf8(Buffer.from(text, 'hex'))) as [[string, string][], string];
  return { metadata: Object.fromEntries(fields.map(([name, bytes]) => [name, Buffer.from(bytes, 'base64')])), data: Buffer.from(data, 'base64') };
}

/** A converter and a failure converter of the user's own, as files: Temporal loads them by path. */
let folder = '';
let paths: { readonly payloadConverterPath: string; readonly failureConverterPath: string };
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'openbox-converters-'));
  const common = JSON.stringify(createRequire(import.meta.url).resolve('@temporalio/common'));
  const file = async (name: string, text: string): Promise<string> => {
    await writeFile(join(folder, name), `const common = require(${common});\n${text}`);
    return join(folder, name);
  };
  paths = {
    // Everything goes as an envelope of its own.
    payloadConverterPath: await file(
      'converter.cjs',
      `const enc = new TextEncoder(), dec = new TextDecoder();
      exports.payloadConverter = {
        toPayload: (value) => ({ metadata: { encoding: enc.encode('json/enveloped') }, data: enc.encode(JSON.stringify({ enveloped: value })) }),
        fromPayload: (payload) => dec.decode(payload.metadata.encoding) === 'json/enveloped' ? JSON.parse(dec.decode(payload.data)).enveloped : common.defaultPayloadConverter.fromPayload(payload),
      };`,
    ),
    failureConverterPath: await file('failures.cjs', 'exports.failureConverter = new common.DefaultFailureConverter({ encodeCommonAttributes: true });'),
  };
});
afterAll(() => rm(folder, { recursive: true }));

interface Found {
  readonly path: string;
  readonly payload: Payload;
}

/** Every payload of a value, and where it stands. */
function payloadsIn(value: unknown, path = ''): readonly Found[] {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const { metadata, data } = value as Payload;
  if (metadata?.['encoding'] instanceof Uint8Array && data instanceof Uint8Array) return [{ path, payload: { metadata, data } }];
  return Object.entries(value).flatMap(([name, field]) => payloadsIn(field, `${path}.${name}`));
}

/** The history as the server holds it, nothing decoded. */
async function rawHistory({ workflowId }: WorkflowHandle): Promise<readonly unknown[]> {
  const { history } = await world.client.workflowService.getWorkflowExecutionHistory({ namespace: 'default', execution: { workflowId }, maximumPageSize: 1000 });
  return history?.events ?? [];
}

const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, field: unknown) => (field instanceof Uint8Array ? new TextDecoder().decode(field) : typeof field === 'bigint' ? String(field) : field));

describe('with a codec, a payload converter and a failure converter of the user’s own', () => {
  const RULES = [
    { when: { signal_name: 'add', event_type: 'SignalReceived' }, answer: { verdict: 'block', reason: `${SECRET} of a signal` }, times: 1 },
    { when: { activity_type: 'echo', event_type: 'ActivityCompleted' }, answer: { verdict: 'block', reason: `${SECRET} of an activity` } },
    { when: { function: 'operation', stage: 'started' }, answer: { verdict: 'require_approval', reason: `${SECRET} of an approval` }, times: 1 },
  ];
  type Plays = (client: Client, taskQueue: string) => Promise<WorkflowHandle>;

  async function played(play: Plays): Promise<WorkflowHandle> {
    const dataConverter = { ...paths, payloadCodecs: [codec] };
    await using worker = await world.worker({ dataConverter, workflowBundle: await bundle({ workflowsPath: kindsPath, ...paths }) });
    const client = new Client({ connection: world.connection, dataConverter });
    const handle = await play(client, worker.taskQueue);
    await Worker.runReplayHistory(
      { workflowBundle: await bundle({ workflowsPath: kindsPath, ...paths }), dataConverter },
      await handle.fetchHistory(),
      handle.workflowId,
    );
    return handle;
  }

  const calls: Plays = async (client, taskQueue) => {
    const steps = [
      { activity: 'echo', args: [SECRET], catches: true },
      { activity: 'echo', args: [SECRET], catches: true, local: true },
    ];
    const handle = await world.start('steps', [steps], { taskQueue, client, rules: RULES, options: { memo: { note: SECRET } } });
    const blocked = { type: 'GovernanceBlock', message: `Governance blocked: ${SECRET} of an activity` };
    expect(await handle.result()).toMatchObject([{ failed: [{ name: 'ActivityFailure' }, blocked] }, { failed: [blocked] }]);
    return handle;
  };
  const signals: Plays = async (client, taskQueue) => {
    const handle = await world.start('inbox', [{ wanted: 2, after: [{ activity: 'echo', args: [SECRET] }] }], { taskQueue, client, rules: RULES });
    await handle.signal('add', SECRET);
    expect(await handle.executeUpdate('put', { args: [SECRET] })).toBe(2);
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'ActivityFailure' }, { message: `Governance blocked: ${SECRET} of a signal` }] });
    return handle;
  };
  const approvals: Plays = async (client, taskQueue) => {
    const options = { heartbeatTimeout: '10s', retry: { initialInterval: '1ms' } };
    const handle = await world.start('steps', [[{ activity: 'beats', args: [SECRET], options }]], { taskQueue, client, rules: RULES });
    const { id } = await world.core.waitForApproval({ workflow_id: handle.workflowId });
    await world.core.approve(id);
    expect(await handle.result()).toEqual([{ beat: SECRET }]);
    return handle;
  };
  const late: Plays = async (client, taskQueue) => {
    const ends = { when: { event_type: 'WorkflowCompleted' }, answer: { verdict: 'allow', delay_ms: 700 } };
    const handle = await world.start('relays', [{ left: 1, got: [SECRET] }], { taskQueue, client, rules: [ends], options: { memo: { note: SECRET } } });
    await handle.signal('add', 1);
    await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowCompleted' });
    await handle.signal('add', SECRET);
    expect(await handle.result()).toEqual({ got: [SECRET, 1, SECRET], memo: { note: SECRET } });
    return client.workflow.getHandle(handle.workflowId);
  };

  test.each([['calls', calls], ['signals and updates', signals], ['late signals', late], ['approvals', approvals]])('%s work, and nothing of ours is to be read in the raw history but ids', async (_what, play) => {
    const events = await rawHistory(await played(play));
    expect(events.length).toBeGreaterThan(10);
    const open = payloadsIn(events).filter(({ payload }) => encodingOf(payload) !== 'binary/sealed');
    const [ours, rest] = [open.filter(({ path }) => path.includes('.header.')), open.filter(({ path }) => !path.includes('.header.'))];
    for (const { path, payload } of ours) {
      expect(path).toMatch(/\.header\.fields\.openbox$/);
      const fields = JSON.parse(utf8(payload.data)) as Readonly<Record<string, unknown>>;
      expect(fields).toMatchObject({ firstExecutionRunId: expect.stringMatching(/^[\da-f-]{36}$/) as unknown, waits: true });
      for (const name of Object.keys(fields)) expect(['firstExecutionRunId', 'waits', 'resumes']).toContain(name);
      expect(JSON.stringify(fields)).not.toContain(SECRET);
    }
    // Markers of Temporal's core and the names of our patches.
    for (const { path } of rest) expect(path).toMatch(/\.(?:details\.(?:patch-data|data)|searchAttributes\.indexedFields\.(?:TemporalChangeVersion|BuildIds))\b/);
    expect(open.length).toBeGreaterThan(0);
    expect(textOf(events)).not.toContain(SECRET);
  });
});

describe('memo and search attributes', () => {
  const key = defineSearchAttributeKey('OpenBoxTestKeyword', 'KEYWORD_LIST');
  beforeAll(async () => {
    // The protocol's number of it: its enum is in a package that nobody here needs otherwise.
    const KEYWORD_LIST = 7 as unknown as never;
    await world.connection.operatorService.addSearchAttributes({ namespace: 'default', searchAttributes: { OpenBoxTestKeyword: KEYWORD_LIST } });
  });

  test('are what they are without us, through a run to come too, beside the names of our patches', async () => {
    await world.core.setPolicy({});
    await using without = await world.worker({ enforceTaskQueues: ['elsewhere'] });
    const keeps = async (taskQueue: string): Promise<object> => {
      const typedSearchAttributes = new TypedSearchAttributes([{ key, value: ['first'] }]);
      const start = { taskQueue, workflowId: unique('keeps'), args: [], memo: { note: 'first', kept: 1 }, typedSearchAttributes };
      const { workflowId, firstExecutionRunId, ...handle } = await world.client.workflow.start('keeps', start);
      const result = await handle.result();
      const runs = [world.client.workflow.getHandle(workflowId, firstExecutionRunId), world.client.workflow.getHandle(workflowId)];
      const described = await Promise.all(
        runs.map(async (run) => {
          await replays(run);
          const { memo, searchAttributes } = await run.describe();
          const { BuildIds: _builds, TemporalChangeVersion: patches = [], ...own } = searchAttributes;
          for (const patch of patches) expect(patch).toMatch(/^openbox-v2-/);
          return { memo, own };
        }),
      );
      return { result, described };
    };
    const governed = await keeps(world.taskQueue);
    expect(governed).toMatchObject({ described: [{ memo: { note: 'second', kept: 1, added: { deep: [1] } }, own: { OpenBoxTestKeyword: ['second'] } }, {}] });
    expect(governed).toEqual(await keeps(without.taskQueue));
  });

  test('a governed workflow without any has none but the names of our patches', async () => {
    const { handle, asked } = await world.run('steps', [[{ activity: 'echo', args: [1] }]]);
    const { memo, searchAttributes } = await handle.describe();
    expect(memo ?? {}).toEqual({});
    expect(Object.keys(searchAttributes).filter((name) => name !== 'BuildIds')).toEqual(['TemporalChangeVersion']);
    expect(stepsOf(asked)).toHaveLength(4);
  });
});

testContract(world);
