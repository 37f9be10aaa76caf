import { expect, test } from 'vitest';
import {
  type FunctionOperation,
  GovernanceBlockedError,
  type HttpOperation,
  OpenBoxConfigError,
} from '../../core/index.ts';
import { memorySyncGate } from '../../core/ports/sync-gate.ts';
import { at, BLOCK, createWorld } from './test-support.ts';
import { createGovern, createGovernSync } from './user-govern.ts';

const call: FunctionOperation = { type: 'function_call', function: 'send', module: 'mail', args: ['a@b'] };

test('outside an activity it just runs', async () => {
  const world = createWorld();
  const result = Promise.resolve(1);
  expect(await createGovern(world.gate)(call, () => result)).toBe(1);
  expect(createGovernSync(world.gate)(call, () => 2)).toBe(2);
  expect(world.asked()).toEqual([]);
});

test('inside one it asks, runs and reports', async () => {
  const world = createWorld();
  const govern = createGovern(world.gate);
  expect(await world.activity(() => govern(call, async () => 'sent'))).toBe('sent');
  expect(world.asked()).toMatchObject([
    { step: 'function_call/started', span: { function: 'send', module: 'mail', args: '["a@b"]' } },
    { step: 'function_call/completed', span: { result: '"sent"' } },
  ]);
  expect(Object.isFrozen(call)).toBe(false);
});

test('the operation is read once', async () => {
  const operation = { ...call };
  const world = createWorld();
  await world.activity(async () => {
    const running = createGovern(world.gate)(operation, async () => 1);
    operation.function = 'other';
    await running;
  });
  expect(world.asked().map(({ span }) => span['function'])).toEqual(['send', 'send']);
});

test('a block throws, and it does not run', async () => {
  const world = createWorld(at('function_call/started', BLOCK));
  let ran = false;
  const run = world.activity(() => createGovern(world.gate)(call, async () => void (ran = true)));
  await expect(run).rejects.toThrow(GovernanceBlockedError);
  expect(ran).toBe(false);
});

test('of files and databases it tells that they ended', async () => {
  const world = createWorld();
  const govern = createGovern(world.gate);
  await world.activity(async () => {
    await govern({ type: 'file_operation', operation: 'index', path: '/a', mode: null }, async () => undefined);
    const query = { type: 'db_query', system: 'duckdb', name: null, operation: 'SELECT', statement: 'SELECT 1', address: null, port: null } as const;
    await govern(query, async () => [1], { describe: (rows) => ({ rowCount: rows.length }) });
  });
  expect(world.asked().map(({ step, span }) => [step, span['rowcount']])).toEqual([
    ['file_operation/started', undefined],
    ['file_operation/completed', undefined],
    ['db_query/started', null],
    ['db_query/completed', 1],
  ]);
});

test('an HTTP request needs a report', async () => {
  const world = createWorld();
  const request: HttpOperation = { type: 'http_request', method: 'GET', url: 'http://a.test/?token=t', headers: {}, body: null };
  const unreported = async (): Promise<unknown> => Reflect.apply(createGovern(world.gate), undefined, [request, async () => 1]);
  await expect(world.activity(unreported)).rejects.toThrow(OpenBoxConfigError);
});

test('a call that belongs to nobody is warned of without what it was about', async () => {
  const world = createWorld();
  const request: HttpOperation = { type: 'http_request', method: 'GET', url: 'http://a.test/?token=secret', headers: {}, body: null };
  await world.activity(async () => {
    const lost = (): unknown => createGovernSync(world.gate)(request, () => 1, { describe: () => ({ status: 200, headers: {}, body: null }) });
    world.governor.scopes.storage.run(undefined, lost);
  });
  expect(world.log.lines).toHaveLength(1);
  expect(JSON.stringify(world.log.lines)).not.toMatch(/secret/);
});

test('synchronously through a gate', async () => {
  const gate = memorySyncGate(() => ({ kind: 'unreachable', problem: 'gone' }));
  const world = createWorld(undefined, {}, { syncGate: gate });
  expect(await world.activity(async () => createGovernSync(world.gate)(call, () => 'sent'))).toBe('sent');
  expect(gate.asked).toHaveLength(2);
});
