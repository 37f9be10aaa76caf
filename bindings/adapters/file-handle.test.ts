import fs, { existsSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { GovernanceBlockedError, isInstalled, type Ports } from '../../core/index.ts';
import { temporaryFolder } from '../../tools/temporary-folder.ts';
import type { FileHandle } from './file-module.ts';
import { installFilePromises } from './file-promises.ts';
import { ALLOW, type Answering, at, BLOCK, createWorld, deferred, fileModule, type World } from './test-support.ts';
import { createPatches, type Patches } from './wrap.ts';

let folder: string;
let path: string;
let patches: Patches;

beforeEach(() => {
  folder = temporaryFolder();
  path = join(folder, 'a');
  writeFileSync(path, 'content');
});
afterEach(() => patches.release());

async function install(world: World): Promise<Patches> {
  const own = createPatches(world.slot.installed, world.gate);
  await installFilePromises(own, fileModule);
  return own;
}

async function start(answer?: Answering, options?: Parameters<typeof createWorld>[1], ports?: Partial<Ports>): Promise<World> {
  const world = createWorld(answer, options, ports);
  patches = await install(world);
  return world;
}

const shown = (world: World): string[] =>
  world.asked().map(({ span }) => `${String(span['file_operation'])}/${String(span['stage'])}`);
const span = (world: World, step: string): Record<string, unknown> =>
  world.asked().map((asked) => asked.span).find((one) => `${String(one['file_operation'])}/${String(one['stage'])}` === step) ?? {};

async function using<R>(flags: string | number, work: (handle: FileHandle) => Promise<R>): Promise<R> {
  const handle = await fs.promises.open(path, flags);
  try {
    return await work(handle);
  } finally {
    await handle.close();
  }
}

describe('open and close', () => {
  test('open, read, write, close: one span from open to close, with what was done', async () => {
    const world = await start();
    await world.activity(() =>
      using('r+', async (handle) => {
        const memory = new Uint8Array(10);
        expect(await handle.read(memory, 2, 4, 0)).toEqual({ bytesRead: 4, buffer: memory });
        expect(new TextDecoder().decode(memory.subarray(2, 6))).toBe('cont');
        expect(await handle.write('ü', 0)).toEqual({ bytesWritten: 2, buffer: 'ü' });
      }),
    );
    expect(shown(world)).toEqual(['open/started', 'read/started', 'read/completed', 'write/started', 'write/completed', 'close/completed']);
    expect(span(world, 'close/completed')).toMatchObject({
      span_id: span(world, 'open/started')['span_id'],
      file_path: path,
      file_mode: 'r+',
      bytes_read: 4,
      bytes_written: 2,
      operations: ['read', 'write'],
    });
    expect([span(world, 'read/completed')['bytes_read'], span(world, 'write/completed')['bytes_written']]).toEqual([4, 2]);
    expect(span(world, 'read/started')).toMatchObject({ file_path: path, file_mode: 'r+', bytes_read: null });
  });

  test('a blocked open makes no file', async () => {
    const world = await start(at('file_operation/started', BLOCK));
    await expect(world.activity(() => fs.promises.open(join(folder, 'new'), 'w'))).rejects.toThrow(GovernanceBlockedError);
    expect(existsSync(join(folder, 'new'))).toBe(false);
  });

  test('a failing open is told', async () => {
    const world = await start();
    await expect(world.activity(() => fs.promises.open(join(folder, 'absent')))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(shown(world)).toEqual(['open/started', 'open/completed']);
    expect(span(world, 'open/completed')['error']).toMatch('ENOENT');
  });

  test.each<[string | number | undefined, string]>([
    [undefined, 'r'],
    ['wx+', 'wx+'],
    [fs.constants.O_RDONLY, 'r'],
    [fs.constants.O_RDWR, 'r+'],
    [fs.constants.O_WRONLY, 'r+'],
    [fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_TRUNC, 'w'],
    [fs.constants.O_RDWR | fs.constants.O_CREAT | fs.constants.O_APPEND, 'a+'],
    [fs.constants.O_WRONLY | fs.constants.O_CREAT | fs.constants.O_EXCL, 'wx'],
  ])('flags %s are shown as %s', async (flags, mode) => {
    if (mode.includes('x')) rmSync(path);
    const world = await start();
    await world.activity(async () => (await fs.promises.open(path, flags)).close());
    expect(span(world, 'open/started')['file_mode']).toBe(mode);
  });

  test('a handle that outlives its activity stays open; its open is told as such', async () => {
    const world = await start();
    const handle = await world.activity(() => fs.promises.open(path, 'r'));
    expect(shown(world)).toEqual(['open/started', 'open/completed']);
    expect('operations' in span(world, 'open/completed')).toBe(false);
    expect((await handle.readFile('utf8')).length).toBe(7);
    await world.activity(async () => {
      expect((await handle.stat()).size).toBe(7);
    });
    expect(span(world, 'stat/started')['file_path']).toBe(path);
    await handle.close();
    expect(shown(world)).toEqual(['open/started', 'open/completed', 'stat/started', 'stat/completed']);
  });

  test('close twice, and await using, tell one close', async () => {
    const world = await start();
    await world.activity(async () => {
      const handle = await fs.promises.open(path);
      await Promise.all([handle.close(), handle.close()]);
      await handle[Symbol.asyncDispose]();
    });
    expect(shown(world)).toEqual(['open/started', 'close/completed']);
  });

  test('an activity that is stopped can still close its handles', async () => {
    const world = await start(({ span: asked }) => (asked['file_operation'] === 'read' ? BLOCK : undefined));
    let closed = false;
    const run = world.activity(() =>
      using('r', async (handle) => {
        await handle.readFile();
      }).finally(() => (closed = true)),
    );
    await expect(run).rejects.toThrow(GovernanceBlockedError);
    expect(closed).toBe(true);
  });
});

describe('methods', () => {
  test.each<[string, (handle: FileHandle) => Promise<unknown>, string, unknown, Record<string, unknown>]>([
    ['read into memory of the runtime’s', async (h) => (await h.read()).bytesRead, 'read', 7, { bytes_read: 7 }],
    ['read with options', async (h) => (await h.read({ buffer: Buffer.alloc(9), offset: 1, length: 3 })).buffer.toString('latin1', 1, 4), 'read', 'con', { bytes_read: 3 }],
    ['read with memory and options', async (h) => (await h.read(Buffer.alloc(9), { offset: 1, length: 2 })).bytesRead, 'read', 2, { bytes_read: 2 }],
    ['readv', async (h) => (await h.readv([Buffer.alloc(3), Buffer.alloc(2)])).buffers.map(String), 'read', ['con', 'te'], { bytes_read: 5 }],
    ['readFile', (h) => h.readFile('utf8'), 'read', 'content', { bytes_read: 7 }],
    ['fs.promises.readFile of a handle', (h) => fs.promises.readFile(h, 'latin1'), 'read', 'content', { bytes_read: 7 }],
    ['write of text', async (h) => (await h.write('é', 0, 'latin1')).bytesWritten, 'write', 1, { bytes_written: 1 }],
    ['write of part of memory', async (h) => (await h.write(Buffer.from('..xyz..'), 2, 3, 0)).bytesWritten, 'write', 3, { bytes_written: 3 }],
    ['write with options', async (h) => (await h.write(Buffer.from('..xyz..'), { offset: 2, position: 0 } as never)).bytesWritten, 'write', 5, { bytes_written: 5 }],
    ['writev', async (h) => (await h.writev([Buffer.from('ab'), Buffer.from('c')], 0)).bytesWritten, 'write', 3, { bytes_written: 3 }],
    ['writeFile', (h) => h.writeFile('ü'), 'write', undefined, { bytes_written: 2 }],
    ['appendFile', (h) => h.appendFile('ü'), 'write', undefined, { bytes_written: 2 }],
    ['fs.promises.writeFile of a handle', (h) => fs.promises.writeFile(h, 'abc'), 'write', undefined, { bytes_written: 3 }],
    ['stat', async (h) => (await h.stat()).size, 'stat', 7, {}],
    ['truncate', (h) => h.truncate(2), 'truncate', undefined, {}],
    ['sync', (h) => h.sync(), 'sync', undefined, {}],
    ['datasync', (h) => h.datasync(), 'datasync', undefined, {}],
    ['chmod', (h) => h.chmod(0o600), 'chmod', undefined, {}],
    ['utimes', (h) => h.utimes(1, 1), 'utimes', undefined, {}],
    ['chown', (h) => h.chown(process.getuid?.() ?? 0, process.getgid?.() ?? 0), 'chown', undefined, {}],
  ])('%s', async (_, call, operation, wanted, told) => {
    const world = await start();
    await world.activity(async () => {
      expect(await using('r+', call)).toEqual(wanted);
    });
    expect(shown(world)).toEqual(['open/started', `${operation}/started`, `${operation}/completed`, 'close/completed']);
    expect(span(world, `${operation}/completed`)).toMatchObject({ ...told, file_path: path });
    expect(span(world, 'close/completed')['operations']).toEqual([operation]);
  });

  test.each<[string, (handle: FileHandle) => Promise<unknown>]>([
    ['an offset out of range', (h) => h.write(Buffer.from('abc'), 4, 1)],
    ['a length out of range', (h) => h.write(Buffer.from('abc'), 0, 9)],
    ['no data', (h) => h.write(5 as never)],
    ['no list', (h) => h.writev(5 as never)],
    ['a list of other things', (h) => h.writev([5 as never])],
    ['memory that is none', (h) => h.read({ buffer: 5 as never })],
  ])('bad arguments get the runtime’s own error: %s', async (_, call) => {
    const outside = await using('r+', call).catch((error: unknown) => error);
    const world = await start();
    const inside = await world.activity(() => using('r+', call)).catch((error: unknown) => error);
    const { code, message } = outside as NodeJS.ErrnoException;
    expect(inside).toMatchObject({ code, message });
    expect(readFileSync(path, 'utf8')).toBe('content');
  });

  test('streams and lines made of a handle go through its governed methods', async () => {
    const world = await start();
    await world.activity(async () => {
      const lines: string[] = [];
      for await (const line of (await fs.promises.open(path)).readLines()) lines.push(line);
      expect(lines).toEqual(['content']);
      // The stream closes the handle when it has been read.
      await expect.poll(() => shown(world).at(-1)).toBe('close/completed');
      await finished((await fs.promises.open(path, 'r+')).createWriteStream({ start: 0 }).end('C'));
    });
    const read = ['read/started', 'read/completed'];
    const written = ['open/started', 'write/started', 'write/completed', 'close/completed'];
    // The second read finds the end.
    expect(shown(world)).toEqual(['open/started', ...read, ...read, 'close/completed', ...written]);
    expect(readFileSync(path, 'utf8')).toBe('Content');
  });

  test('a blocked write changes nothing', async () => {
    const world = await start(({ span: asked }) => (asked['file_operation'] === 'write' ? BLOCK : undefined));
    await expect(world.activity(() => using('r+', (handle) => handle.write('xxx', 0)))).rejects.toThrow(GovernanceBlockedError);
    expect(readFileSync(path, 'utf8')).toBe('content');
  });

  test('a blocked read leaves nothing in the caller’s memory', async () => {
    const memory = new Uint8Array(7);
    const world = await start(({ step, span: asked }) => (step === 'file_operation/completed' && asked['file_operation'] === 'read' ? BLOCK : undefined));
    await expect(world.activity(() => using('r', (handle) => handle.read(memory)))).rejects.toThrow(GovernanceBlockedError);
    expect(memory).toEqual(new Uint8Array(7));
  });

  test('memory changed while Core is asked is not what is written', async () => {
    const answer = deferred<typeof ALLOW>();
    const world = await start(({ span: asked }) => (asked['file_operation'] === 'write' ? answer.promise : undefined));
    const memory = Buffer.from('shown');
    await world.activity(() =>
      using('r+', async (handle) => {
        const calls = [handle.write(memory, 0, 5, 0), handle.writev([memory], 5)];
        memory.fill('x');
        await expect.poll(() => shown(world).filter((step) => step === 'write/started').length).toBe(2);
        answer.resolve(ALLOW);
        const [written] = await Promise.all(calls);
        expect((written as { buffer: unknown }).buffer).toBe(memory);
      }),
    );
    expect(readFileSync(path, 'utf8')).toBe('shownshown');
  });

  test('content is shown where capture is on', async () => {
    const world = await start(undefined, { captureFileContent: true, maxBodySize: 5 });
    await world.activity(() =>
      using('r+', async (handle) => {
        await handle.readv([Buffer.alloc(3), Buffer.alloc(4)]);
        await handle.write(Buffer.from('written'), 0);
      }),
    );
    expect(span(world, 'read/completed')['data']).toBe('conte');
    expect(span(world, 'write/started')['data']).toBe('writt');
  });
});

describe('handles from elsewhere', () => {
  test('opened outside every activity: shown as the descriptor, and where that leads', async () => {
    const handle = await fs.promises.open(path, 'r');
    const world = await start(undefined, {}, { files: { resolve: (given) => given, realPath: async (given) => realpathSync(given), realPathSync: realpathSync } });
    await world.activity(async () => {
      await (await fs.promises.open(path)).close();
      expect(await handle.readFile('utf8')).toBe('content');
    });
    expect(span(world, 'read/started')).toMatchObject({
      file_path: `/dev/fd/${handle.fd}`,
      attributes: { 'file.path': `/dev/fd/${handle.fd}`, 'file.real_path': path },
    });
    await handle.close();
  });

  test('outside an activity nothing is asked', async () => {
    const world = await start();
    const handle = await world.activity(() => fs.promises.open(path, 'r'));
    const before = world.asked().length;
    expect(await handle.readFile('utf8')).toBe('content');
    await handle.close();
    expect(world.asked()).toHaveLength(before);
  });
});

test('the methods’ patches come with the first user and go with the last', async () => {
  const world = createWorld();
  const probe = await fs.promises.open(path);
  const prototype = Object.getPrototypeOf(probe) as Record<string, unknown>;
  await probe.close();
  const original = prototype['read'];
  const [first, second] = [await install(world), await install(world)];
  patches = second;
  expect(prototype['read']).not.toBe(original);
  first.release();
  expect(prototype['read']).not.toBe(original);
  await world.activity(() => using('r', (handle) => handle.readFile()));
  expect(shown(world)).toContain('read/completed');
  second.release();
  expect(prototype['read']).toBe(original);
  expect([...world.slot.installed.keys()].filter((route) => isInstalled(world.slot, route))).toEqual([]);
});
