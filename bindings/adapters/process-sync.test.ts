import childProcess from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ports, randomTracer } from '../../core/index.ts';
import { temporaryFolder } from '../../tools/temporary-folder.ts';
import { installProcessSync } from './process-sync.ts';
import { createSyncWorld, type SyncWorld } from './test-support.ts';
import { createPatches, type Patches } from './wrap.ts';

let folder: string;
let patches: Patches;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => patches.release());

function start(blocked?: 'started' | 'completed', env: NodeJS.ProcessEnv = process.env, ports: Partial<Ports> = {}): SyncWorld {
  const world = createSyncWorld(blocked, {}, ports);
  patches = createPatches(world.slot.installed, world.gate);
  installProcessSync(patches, { childProcess, env: () => env });
  return world;
}

const FORMS: readonly [string, (path: string) => unknown, (path: string) => string[]][] = [
  ['execFileSync', (path) => childProcess.execFileSync('touch', [path], { encoding: 'utf8' }), (path) => ['touch', path]],
  ['spawnSync', (path) => childProcess.spawnSync('touch', [path]).status, (path) => ['touch', path]],
  ['execSync', (path) => childProcess.execSync(`touch '${path}'`, { encoding: 'utf8' }), (path) => [`touch '${path}'`]],
];

describe.each(FORMS)('%s', (name, call, args) => {
  test('is one operation, told with command and arguments', async () => {
    const world = start();
    const path = join(folder, 'made');
    expect(await world.activity(async () => call(path))).toBe(name === 'spawnSync' ? 0 : '');
    expect(existsSync(path)).toBe(true);
    const told = { function: name, module: 'node:child_process', args: JSON.stringify(args(path)) };
    expect(world.spans()).toMatchObject([
      { ...told, stage: 'started', result: null },
      { ...told, stage: 'completed', result: '{"status":0,"signal":null}' },
    ]);
  });

  test('blocked, no process is started', async () => {
    const world = start('started');
    await expect(world.activity(async () => call(join(folder, 'made')))).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED', identifier: name });
    expect(existsSync(join(folder, 'made'))).toBe(false);
  });

  test('a block at completed withholds what it gave', async () => {
    const world = start('completed');
    let seen: unknown = 'nothing';
    await expect(world.activity(async () => void (seen = call(join(folder, 'made'))))).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED' });
    expect(seen).toBe('nothing');
  });
});

test.each<[string, (path: string) => unknown]>([
  ['execSync, an encoding', (path) => childProcess.execSync(`touch ${path}`, 'utf8' as unknown as object)],
  ['execSync, a callback', (path) => childProcess.execSync(`touch ${path}`, (() => undefined) as unknown as object)],
  ['execSync, a list', (path) => childProcess.execSync(`touch ${path}`, [] as unknown as object)],
  ['execSync, a number', (path) => childProcess.execSync(`touch ${path}`, 5 as unknown as object)],
  ['execFileSync, a callback', (path) => childProcess.execFileSync('touch', [path], (() => undefined) as unknown as object)],
])('options that are none, but for which the runtime runs the command: %s', async (_, call) => {
  const path = join(folder, 'made');
  await expect(start('started').activity(async () => call(path))).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED' });
  expect(existsSync(path)).toBe(false);
  patches.release();
  const world = start();
  await world.activity(async () => call(path));
  expect(existsSync(path)).toBe(true);
  expect(JSON.stringify(world.spans())).toContain(path);
});

test('options that are none never run another command than the one asked about', async () => {
  const world = start();
  const path = join(folder, 'made');
  const call = (): unknown => childProcess.execFileSync('touch', [path], [] as unknown as object);
  await expect(world.activity(async () => call())).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  expect(existsSync(path)).toBe(false);
});

test('a child that fails is told, and its error is the caller’s', async () => {
  const world = start();
  const fail = ['-c', 'echo said >&2; exit 3', '--token=hush'];
  await expect(world.activity(async () => childProcess.execFileSync('sh', fail, { stdio: 'pipe' }))).rejects.toMatchObject({
    status: 3,
    message: expect.stringContaining('hush') as string,
  });
  expect(world.spans()).toMatchObject([{ stage: 'started' }, { stage: 'completed', result: null, error: 'The command failed with status 3' }]);
});

test('tracers are shown no more of a failure than Core', async () => {
  const ends: unknown[] = [];
  const span: Ports['tracer']['span'] = (...described) => ({ ...randomTracer.span(...described), end: (outcome) => void ends.push(outcome) });
  const world = start(undefined, process.env, { tracer: { ...randomTracer, span } });
  const fail = ['-c', 'echo hush >&2; exit 3', '--token=hush'];
  await world.activity(async () => {
    expect(() => childProcess.execFileSync('sh', fail, { stdio: 'pipe' })).toThrow('hush');
  });
  expect(ends).toContainEqual({ attributes: undefined, error: { type: 'Error', message: 'The command failed with status 3' } });
  expect(JSON.stringify(ends)).not.toContain('hush');
});

test('a child that was killed is told', async () => {
  const world = start();
  const kill = ['-c', 'kill -9 $$'];
  expect((await world.activity(async () => childProcess.spawnSync('sh', kill))).signal).toBe('SIGKILL');
  expect(world.spans()[1]).toMatchObject({ result: '{"status":null,"signal":"SIGKILL"}' });
  await expect(world.activity(async () => childProcess.execFileSync('sh', kill))).rejects.toMatchObject({ signal: 'SIGKILL' });
  expect(world.spans().at(-1)).toMatchObject({ error: 'The command was ended by SIGKILL' });
});

test('a command that is not there is told', async () => {
  const world = start();
  await expect(world.activity(async () => childProcess.execFileSync('no-such-command'))).rejects.toMatchObject({ code: 'ENOENT' });
  expect(world.spans().at(-1)).toMatchObject({ error: 'spawnSync no-such-command ENOENT' });
});

test.each<[string, () => unknown, unknown]>([
  ['no arguments, but options', () => childProcess.execFileSync('pwd', { cwd: '/', encoding: 'utf8' }), '/\n'],
  ['arguments that are null', () => childProcess.execFileSync('pwd', null as unknown as [], { cwd: '/', encoding: 'utf8' }), '/\n'],
  ['input', () => childProcess.execFileSync('cat', [], { input: 'text', encoding: 'utf8' }), 'text'],
  ['a shell', () => childProcess.spawnSync('echo $((1 + 1))', { shell: true, encoding: 'utf8' }).stdout, '2\n'],
  ['output that goes nowhere', () => childProcess.execFileSync('true', { stdio: 'ignore' }), null],
])('every form of the arguments: %s', async (_, call, expected) => {
  expect(await start().activity(async () => call())).toEqual(expected);
});

test('credentials are masked, the environment is never shown, and the child does not inherit the key of Core', async () => {
  const world = start(undefined, { ...process.env, OPENBOX_API_KEY: 'obx_test_env' });
  const print = 'echo "$1 $OPENBOX_API_KEY $OTHER"';
  const [inherited, own] = await world.activity(async () => [
    childProcess.execFileSync('sh', ['-c', print, '--token', 'hush'], { encoding: 'utf8' }),
    childProcess.execFileSync('sh', ['-c', print], { encoding: 'utf8', env: { ...process.env, OPENBOX_API_KEY: 'obx_test_own', OTHER: 'hidden' } }),
  ]);
  expect([inherited, own]).toEqual(['hush  \n', '  hidden\n']);
  expect(JSON.stringify(world.spans())).not.toMatch(/hush|hidden|obx_test/);
});

test.each<[string, () => unknown]>([
  ['a command that is none', () => childProcess.execFileSync(5 as unknown as string)],
  ['an object', () => childProcess.execFileSync({ toString: () => 'true' } as unknown as string)],
  ['options that are none', () => childProcess.execFileSync('true', [], 'utf8' as unknown as object)],
  ['a command that is not there', () => childProcess.execFileSync('no-such-command')],
])('bad arguments get the runtime’s own error: %s', async (_, call) => {
  const plain = codeOf(call);
  expect([typeof plain, await start().activity(async () => codeOf(call))]).toEqual(['string', plain]);
});

function codeOf(call: () => unknown): unknown {
  try {
    call();
    return undefined;
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}
