import fs, { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GovernanceBlockedError } from '../../core/index.ts';
import { temporaryFolder } from '../../tools/temporary-folder.ts';
import { installFilePromises } from './file-promises.ts';
import { ALLOW, type Answering, at, BLOCK, createWorld, deferred, fileModule, type World } from './test-support.ts';
import { createPatches, type Patches } from './wrap.ts';

let folder: string;
let patches: Patches;

beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => patches.release());

async function start(answer?: Answering, options?: Parameters<typeof createWorld>[1]): Promise<World> {
  const world = createWorld(answer, options);
  patches = createPatches(world.slot.installed, world.gate);
  await installFilePromises(patches, fileModule);
  return world;
}

const file = (name: string): string => join(folder, name);
const spans = (world: World): Record<string, unknown>[] => world.asked().map(({ span }) => ({ ...span }));
const shown = (world: World, ...names: string[]): unknown[][] => spans(world).map((span) => names.map((name) => span[name]));

describe('functions of paths', () => {
  test.each<[string, (path: string) => Promise<unknown>, [string, string | null, number | null, number | null]]>([
    ['readFile', (path) => fs.promises.readFile(path), ['read', 'r', 7, null]],
    ['writeFile', (path) => fs.promises.writeFile(path, 'grüße'), ['write', 'w', null, 7]],
    ['appendFile', (path) => fs.promises.appendFile(path, 'ü'), ['write', 'a', null, 2]],
    ['writeFile with a flag', (path) => fs.promises.writeFile(path, 'x', { flag: 'r+' }), ['write', 'r+', null, 1]],
    ['unlink', (path) => fs.promises.unlink(path), ['unlink', null, null, null]],
    ['rm', (path) => fs.promises.rm(path), ['rm', null, null, null]],
    ['mkdir', (path) => fs.promises.mkdir(`${path}-folder`), ['mkdir', null, null, null]],
    ['readdir', () => fs.promises.readdir(folder), ['readdir', null, null, null]],
    ['rename', (path) => fs.promises.rename(path, `${path}-2`), ['rename', null, null, null]],
  ])('%s gives two evaluations', async (name, call, [operation, mode, read, written]) => {
    writeFileSync(file('a'), 'grüße');
    const world = await start();
    await world.activity(() => call(file('a')));
    const path = { mkdir: file('a-folder'), readdir: folder }[name] ?? file('a');
    expect(shown(world, 'stage', 'file_operation', 'file_path', 'file_mode', 'bytes_read', 'bytes_written')).toEqual([
      ['started', operation, path, mode, null, null],
      ['completed', operation, path, mode, read, written],
    ]);
  });

  test('rename shows both paths', async () => {
    writeFileSync(file('a'), '');
    const world = await start();
    await world.activity(() => fs.promises.rename(file('a'), file('b')));
    expect(spans(world)[0]?.['attributes']).toEqual({ 'file.path': file('a'), 'file.target_path': file('b') });
    expect([existsSync(file('a')), existsSync(file('b'))]).toEqual([false, true]);
  });

  test('outside an activity, and where files are not governed, nothing is asked', async () => {
    writeFileSync(file('a'), 'x');
    const world = await start(undefined, { instrumentFileIo: false });
    await world.activity(() => fs.promises.readFile(file('a')));
    await fs.promises.readFile(file('a'));
    expect(world.asked()).toEqual([]);
  });

  test('an error is the function’s own, and told', async () => {
    const world = await start();
    await expect(world.activity(() => fs.promises.readFile(file('absent')))).rejects.toMatchObject({ code: 'ENOENT', syscall: 'open' });
    expect(spans(world)[1]).toMatchObject({ stage: 'completed', error: expect.stringContaining('ENOENT') as string, bytes_read: null });
  });
});

describe('what is blocked does not happen', () => {
  test.each<[string, () => Promise<unknown>]>([
    ['writeFile', () => fs.promises.writeFile(file('new'), 'x')],
    ['appendFile', () => fs.promises.appendFile(file('new'), 'x')],
    ['open', () => fs.promises.open(file('new'), 'w')],
    ['mkdir', () => fs.promises.mkdir(file('new'))],
    ['rename', () => fs.promises.rename(file('old'), file('new'))],
    ['rm', () => fs.promises.rm(file('old'))],
    ['unlink', () => fs.promises.unlink(file('old'))],
  ])('%s', async (_, call) => {
    writeFileSync(file('old'), 'x');
    const world = await start(at('file_operation/started', BLOCK));
    await expect(world.activity(call)).rejects.toThrow(GovernanceBlockedError);
    expect([existsSync(file('new')), existsSync(file('old'))]).toEqual([false, true]);
  });

  test.each<[string, () => Promise<unknown>]>([
    ['readFile', () => fs.promises.readFile(file('a'), 'utf8')],
    ['readdir', () => fs.promises.readdir(folder)],
  ])('%s: blocked at completed, nothing is handed out', async (_, call) => {
    writeFileSync(file('a'), 'secret');
    const world = await start(at('file_operation/completed', BLOCK));
    let seen: unknown = 'nothing';
    const run = world.activity(async () => {
      seen = await call();
    });
    await expect(run).rejects.toThrow(GovernanceBlockedError);
    expect(seen).toBe('nothing');
  });

  test('the report of a write is not waited for, but the next question and the activity’s end wait for it', async () => {
    const answer = deferred<typeof ALLOW>();
    const world = await start(({ span }) => (span['file_path'] === file('a') && span['stage'] === 'completed' ? answer.promise : undefined));
    await world.activity(async () => {
      await fs.promises.writeFile(file('a'), 'x');
      const next = fs.promises.writeFile(file('b'), 'x');
      await expect.poll(() => world.steps()).toEqual(['file_operation/started', 'file_operation/completed']);
      answer.resolve(ALLOW);
      await next;
    });
    expect(shown(world, 'file_path', 'stage')).toEqual([
      [file('a'), 'started'],
      [file('a'), 'completed'],
      [file('b'), 'started'],
      [file('b'), 'completed'],
    ]);
  });
});

describe('content', () => {
  test.each<[string, Parameters<typeof fs.promises.writeFile>[1], string, number]>([
    ['text', 'grüße', 'grüße', 7],
    ['memory', new Uint8Array([0x61, 0x62]), 'ab', 2],
    ['a view', new DataView(new TextEncoder().encode('..abc..').buffer, 2, 3), 'abc', 3],
    ['an iterable', ['a', 'ü', Buffer.from('c')], 'aüc', 4],
    ['an async iterable', (async function* () { yield 'a'; yield Buffer.from('b'); })(), 'ab', 2],
  ])('written from %s (fault: bytes-are-characters)', async (_, data, wanted, size) => {
    const world = await start();
    await world.activity(() => fs.promises.writeFile(file('a'), data));
    expect(readFileSync(file('a'), 'utf8')).toBe(wanted);
    expect(spans(world)[1]?.['bytes_written']).toBe(size);
  });

  test.each<[string, BufferEncoding, number]>([
    ['48656c6c6f', 'hex', 5],
    ['SGVsbG8=', 'base64', 5],
    ['é', 'latin1', 1],
    ['é', 'utf16le', 2],
  ])('%s in %s is counted in bytes', async (text, encoding, size) => {
    const world = await start();
    await world.activity(async () => {
      await fs.promises.writeFile(file('a'), text, encoding);
      expect(await fs.promises.readFile(file('a'), { encoding })).toBe(text);
    });
    expect(spans(world)[1]?.['bytes_written']).toBe(size);
    expect(spans(world)[3]?.['bytes_read']).toBe(size);
    expect(readFileSync(file('a')).byteLength).toBe(size);
  });

  test('what the caller changes while Core is asked is not what is written, nor where', async () => {
    const answer = deferred<typeof ALLOW>();
    const world = await start(({ span }) => (span['stage'] === 'started' ? answer.promise : undefined));
    const data = Buffer.from('shown');
    const url = pathToFileURL(file('a'));
    const options = { flag: 'w', mode: 0o600 };
    await world.activity(async () => {
      const write = fs.promises.writeFile(url, data, options);
      data.fill('x');
      url.pathname += '-other';
      options.flag = 'r';
      await expect.poll(() => world.steps().length).toBe(1);
      answer.resolve(ALLOW);
      await write;
    });
    expect(readFileSync(file('a'), 'utf8')).toBe('shown');
    expect(existsSync(file('a-other'))).toBe(false);
  });

  test('getters of options are read once', async () => {
    let reads = 0;
    const options = { get flag() { return ++reads === 1 ? 'wx' : 'r'; } };
    const world = await start();
    await world.activity(() => fs.promises.writeFile(file('a'), 'x', options));
    expect([spans(world)[0]?.['file_mode'], reads, readFileSync(file('a'), 'utf8')]).toEqual(['wx', 1, 'x']);
  });

  test('is shown only where capture is on, as text, cut (fault: binary-shown-as-source)', async () => {
    const write = async (): Promise<void> => {
      await fs.promises.writeFile(file('a'), 'grüße');
      await fs.promises.readFile(file('a'));
      await fs.promises.writeFile(file('b'), Buffer.from([0xff, 0xfe, 0x00]));
    };
    const off = await start();
    await off.activity(write);
    expect(spans(off).filter((span) => 'data' in span)).toEqual([]);
    patches.release();
    const on = await start(undefined, { captureFileContent: true, maxBodySize: 3 });
    await on.activity(write);
    expect(shown(on, 'file_operation', 'stage', 'data')).toEqual([
      ['write', 'started', 'gr'],
      ['write', 'completed', 'gr'],
      ['read', 'started', undefined],
      ['read', 'completed', 'gr'],
      ['write', 'started', undefined],
      ['write', 'completed', undefined],
    ]);
  });
});

test('modules that the runtime loads are not asked about', async () => {
  writeFileSync(file('module.mjs'), 'export const value = 7;');
  const world = await start();
  const load = (path: string): Promise<unknown> => import(/* @vite-ignore */ path);
  expect(await world.activity(() => load(pathToFileURL(file('module.mjs')).href))).toMatchObject({ value: 7 });
  expect(world.asked()).toEqual([]);
});

test('options that are inherited or getters count as they do without us', async () => {
  class Appending {
    get flag(): string {
      return 'a';
    }
  }
  writeFileSync(file('log'), 'old');
  const world = await start();
  await world.activity(() => fs.promises.writeFile(file('log'), '+new', new Appending()));
  expect(readFileSync(file('log'), 'utf8')).toBe('old+new');
  expect(spans(world)[0]?.['file_mode']).toBe('a');
});

test('an object that only might be a path never reaches the function', async () => {
  const world = await start();
  const odd = { toString: () => file('odd') } as unknown as string;
  await expect(world.activity(() => fs.promises.writeFile(odd, 'x'))).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
  expect(existsSync(file('odd'))).toBe(false);
});

test('a handle from before every activity is governed', async () => {
  const world = await start(at('file_operation/started', BLOCK));
  writeFileSync(file('a'), 'content');
  const handle = await fs.promises.open(file('a'), 'a');
  await expect(world.activity(() => handle.writeFile('leak'))).rejects.toThrow('Governance blocked');
  await handle.close();
  expect(readFileSync(file('a'), 'utf8')).toBe('content');
});

test('times given as dates stay dates', async () => {
  const world = await start();
  writeFileSync(file('a'), 'content');
  const then = new Date('2020-01-01T00:00:00Z');
  await world.activity(async () => {
    const handle = await fs.promises.open(file('a'), 'r+');
    await handle.utimes(then, then);
    await handle.close();
  });
  expect(fs.statSync(file('a')).mtime).toEqual(then);
});

test('code of the user’s that a write pulls from is governed as ever', async () => {
  const world = await start();
  writeFileSync(file('secret'), 'content');
  async function* pulled(): AsyncGenerator<string> {
    yield await fs.promises.readFile(file('secret'), 'utf8');
  }
  await world.activity(() => fs.promises.writeFile(file('out'), pulled()));
  expect(spans(world).map((span) => `${String(span['file_operation'])}/${String(span['stage'])}`)).toEqual([
    'write/started', 'read/started', 'read/completed', 'write/completed',
  ]);
});
