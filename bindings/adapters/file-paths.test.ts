import fs, { existsSync, mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Ports } from '../../core/index.ts';
import { memoryFileSystem } from '../../core/ports/file-system.ts';
import { temporaryFolder } from '../../tools/temporary-folder.ts';
import { copyPath } from './file-paths.ts';
import { installFilePromises } from './file-promises.ts';
import { createWorld, deferred, fileModule, type World } from './test-support.ts';
import { createPatches, type Patches } from './wrap.ts';

describe('copies', () => {
  const copy = (value: unknown): unknown => copyPath(value, { fileUrlToPath: fileURLToPath }, memoryFileSystem());

  // Nothing is called here: a path taken for the working directory would be one that `rm` could remove.
  test.each([
    ['the empty path', ''],
    ['empty bytes', new Uint8Array()],
    ['a NUL', 'a\0b'],
    ['a number', 5],
    ['nothing', undefined],
    ['null', null],
    ['an object', { path: '/a' }],
    ['other memory', new Uint16Array([1])],
  ])('%s is no path', (_, value) => {
    expect(copy(value)).toBeUndefined();
  });

  test.each([
    ['a', '/work/a', '/work/a'],
    ['/a/./b/../c', '/a/c', '/a/./b/../c'],
    ['b/../c', '/work/c', '/work/b/../c'],
    ['/a/', '/a', '/a/'],
    ['/a/.', '/a', '/a/.'],
    ['/', '/', '/'],
  ])('%s is shown as %s and used as %s', (value, shown, used) => {
    expect(copy(value)).toEqual({ shown, used });
    expect(copy(Buffer.from(value))).toEqual({ shown, used });
  });
});

describe('in use', () => {
  let folder: string;
  let patches: Patches;

  beforeEach(() => {
    folder = temporaryFolder();
  });
  afterEach(() => patches.release());

  async function start(files?: Ports['files']): Promise<World> {
    const world = createWorld(undefined, {}, files && { files });
    patches = createPatches(world.slot.installed, world.gate);
    await installFilePromises(patches, fileModule);
    return world;
  }

  const file = (name: string): string => join(folder, name);
  const spans = (world: World): Record<string, unknown>[] => world.asked().map(({ span }) => ({ ...span }));

  test.each<[string, () => Parameters<typeof fs.promises.readFile>[0]]>([
    ['text with detours', () => `${folder}/./deep/..//a`],
    ['a URL', () => pathToFileURL(file('a'))],
    ['bytes', () => Buffer.from(file('a'))],
  ])('%s is shown absolute and normalised', async (_, path) => {
    writeFileSync(file('a'), 'content');
    mkdirSync(file('deep'));
    const world = await start();
    expect(await world.activity(() => fs.promises.readFile(path(), 'utf8'))).toBe('content');
    expect(spans(world)[0]).toMatchObject({ file_path: file('a'), attributes: { 'file.path': file('a') } });
  });

  test('a relative path means what it meant at the call', async () => {
    const resolved = deferred<string>();
    const files = { resolve: (path: string) => (path.startsWith('/') ? path : `${folder}/${path}`), realPath: () => resolved.promise, realPathSync: (path: string) => path };
    const world = await start(files);
    writeFileSync(file('a'), 'here');
    const text = await world.activity(async () => {
      const read = fs.promises.readFile('a', 'utf8');
      files.resolve = () => '/elsewhere';
      resolved.resolve(file('a'));
      return read;
    });
    expect(text).toBe('here');
  });

  test('where a link leads is told, unless the function works on the link itself', async () => {
    const files = { resolve: (path: string) => join(path), realPath: async (path: string) => realpathSync(path), realPathSync: (path: string) => realpathSync(path) };
    mkdirSync(file('real'));
    writeFileSync(file('real/a'), 'x');
    symlinkSync(file('real/a'), file('link'));
    symlinkSync(file('real'), file('folder'));
    const world = await start(files);
    await world.activity(async () => {
      await fs.promises.readFile(file('link'));
      await fs.promises.unlink(file('link'));
      await fs.promises.rm(file('folder/a'));
    });
    const started = spans(world).filter(({ stage }) => stage === 'started');
    expect(started.map(({ attributes }) => attributes)).toEqual([
      { 'file.path': file('link'), 'file.real_path': file('real/a') },
      { 'file.path': file('link') },
      { 'file.path': file('folder/a'), 'file.real_path': file('real/a') },
    ]);
  });

  test('a trailing separator still means what is behind a link', async () => {
    mkdirSync(file('real'));
    symlinkSync(file('real'), file('link'));
    const world = await start();
    await world.activity(async () => {
      await expect(fs.promises.unlink(`${file('link')}/`)).rejects.toMatchObject({ code: 'ENOTDIR' });
    });
    expect(existsSync(file('link'))).toBe(true);
    expect(spans(world)[0]?.['file_path']).toBe(file('link'));
  });

  test('detours mean what they mean to the system: a governed call does what a plain one does', async () => {
    mkdirSync(file('real/sub'), { recursive: true });
    writeFileSync(file('real/f'), 'behind the link');
    writeFileSync(file('f'), 'beside it');
    symlinkSync(file('real/sub'), file('link'));
    const calls: (() => Promise<unknown>)[] = [
      () => fs.promises.readFile(`${folder}/link/../f`, 'utf8'),
      () => fs.promises.writeFile(`${folder}/nope/../w`, 'x'),
      () => fs.promises.readFile(`${folder}/f/../f`, 'utf8'),
      () => fs.promises.mkdir(`${folder}/m/.`),
      () => fs.promises.unlink(`${folder}/link/.`),
    ];
    const outcome = (call: () => Promise<unknown>): Promise<unknown> =>
      call().catch((error: unknown) => (error as { code: string }).code);
    const plain: unknown[] = [];
    for (const call of calls) plain.push(await outcome(call));
    const realPathSync = (path: string): string => (existsSync(path) ? realpathSync.native(path) : path);
    const world = await start({ resolve: (path) => join(path), realPath: async (path) => realPathSync(path), realPathSync });
    const governed: unknown[] = [];
    await world.activity(async () => {
      for (const call of calls) governed.push(await outcome(call));
    });
    expect(governed).toEqual(plain);
    expect(plain[0]).toBe('behind the link');
    expect(spans(world)[0]).toMatchObject({ file_path: file('f'), attributes: { 'file.real_path': file('real/f') } });
  });

  test('bytes of another realm are bytes', async () => {
    const path = runInNewContext('(bytes) => Uint8Array.from(bytes)')([...Buffer.from(file('w'))]) as Uint8Array;
    const world = await start();
    await world.activity(() => fs.promises.writeFile(path as Buffer, 'x'));
    expect(world.steps()).toEqual(['file_operation/started', 'file_operation/completed']);
  });

  test('a name that is no UTF-8', async () => {
    const name = Buffer.concat([Buffer.from(`${folder}/`), Buffer.from([0xff, 0x61])]);
    const world = await start();
    await world.activity(() => fs.promises.writeFile(name, 'x'));
    expect(fs.readdirSync(Buffer.from(folder), { encoding: 'buffer' })).toEqual([Buffer.from([0xff, 0x61])]);
    expect(spans(world)[0]?.['file_path']).toBe(file('\ufffda'));
  });

  test('devices that lead nowhere are skipped, and nothing that looks like them', async () => {
    const world = await start();
    await world.activity(async () => {
      await fs.promises.writeFile('/dev/../dev/null', 'x');
      await fs.promises.readFile('/proc/self/environ');
    });
    expect(spans(world).map((span) => span['file_path'])).toEqual(['/proc/self/environ', '/proc/self/environ']);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['the empty path', () => fs.promises.readFile(''), 'ENOENT'],
    ['the empty path, to be unlinked', () => fs.promises.unlink(''), 'ENOENT'],
    ['a NUL', () => fs.promises.readFile('a\0b'), 'ERR_INVALID_ARG_VALUE'],
    ['a number', () => fs.promises.readFile(5 as never), 'ERR_INVALID_ARG_TYPE'],
    ['nothing', () => fs.promises.unlink(undefined as never), 'ERR_INVALID_ARG_TYPE'],
    ['a URL of the web', () => fs.promises.readFile(new URL('http://x/y')), 'ERR_INVALID_URL_SCHEME'],
    ['no second path', () => fs.promises.rename(file('a'), undefined as never), 'ERR_INVALID_ARG_TYPE'],
  ])('what is no path gets the function’s own error: %s', async (_, call, code) => {
    const world = await start();
    await expect(world.activity(call)).rejects.toMatchObject({ code });
    expect(world.asked()).toEqual([]);
  });

  test.each<[string, () => Promise<unknown>, string]>([
    ['a bad encoding', () => fs.promises.readFile(file('a'), 'nope' as BufferEncoding), 'ERR_INVALID_ARG_VALUE'],
    ['bad options', () => fs.promises.readFile(file('a'), 5 as never), 'ERR_INVALID_ARG_TYPE'],
    ['bad data', () => fs.promises.writeFile(file('a'), 5 as never), 'ERR_INVALID_ARG_TYPE'],
    ['a bad flag', () => fs.promises.open(file('a'), 'nope'), 'ERR_INVALID_ARG_VALUE'],
  ])('other bad arguments too: %s', async (_, call, code) => {
    const world = await start();
    await expect(world.activity(call)).rejects.toMatchObject({ code });
  });
});
