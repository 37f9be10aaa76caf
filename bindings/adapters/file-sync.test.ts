import fs, { mkdirSync, readFileSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { OpenBoxOptions } from '../../core/index.ts';
import { temporaryFolder } from '../../tools/temporary-folder.ts';
import { SYNC_FUNCTIONS } from './file-functions.ts';
import { installFileSync } from './file-sync.ts';
import { createSyncWorld, fileModule, type SyncWorld } from './test-support.ts';
import { createPatches, type Patches } from './wrap.ts';

let folder: string;
let patches: Patches;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => patches.release());
const file = (name: string): string => join(folder, name);

function start(blocked?: 'started' | 'completed', options: OpenBoxOptions = {}): SyncWorld {
  const realPathSync = (path: string): string => (/^\/(?:dev|proc)\//.test(path) ? realpathSync.native(path) : path);
  const files = { resolve: (path: string) => resolve(path), realPath: async (path: string) => path, realPathSync };
  const world = createSyncWorld(blocked, options, { files });
  patches = createPatches(world.slot.installed, world.gate);
  installFileSync(patches, fileModule);
  return world;
}

/** Each function, what it is called with, and whether Core is asked once more before its value is handed out. */
const CALLS: readonly [string, (path: string) => unknown, 'withheld' | 'told'][] = [
  ['readFileSync', (path) => fs.readFileSync(path, 'utf8'), 'withheld'],
  ['writeFileSync', (path) => fs.writeFileSync(path, 'grüße'), 'told'],
  ['appendFileSync', (path) => fs.appendFileSync(path, 'ü'), 'told'],
  ['mkdirSync', (path) => fs.mkdirSync(`${path}-folder`), 'told'],
  ['readdirSync', () => fs.readdirSync(folder), 'withheld'],
  ['renameSync', (path) => fs.renameSync(path, `${path}-2`), 'told'],
  ['rmSync', (path) => fs.rmSync(path), 'told'],
  ['unlinkSync', (path) => fs.unlinkSync(path), 'told'],
  ['rmdirSync', (path) => fs.rmdirSync(join(path, '..', 'empty')), 'told'],
  ['accessSync', (path) => fs.accessSync(path), 'told'],
  ['existsSync', (path) => fs.existsSync(path), 'withheld'],
  ['statSync', (path) => fs.statSync(path).size, 'withheld'],
  ['lstatSync', (path) => fs.lstatSync(path).size, 'withheld'],
  ['statfsSync', (path) => typeof fs.statfsSync(path), 'withheld'],
  ['copyFileSync', (path) => fs.copyFileSync(path, `${path}-2`), 'told'],
  ['linkSync', (path) => fs.linkSync(path, `${path}-2`), 'told'],
  ['truncateSync', (path) => fs.truncateSync(path, 1), 'told'],
  ['chmodSync', (path) => fs.chmodSync(path, 0o600), 'told'],
  ['chownSync', (path) => fs.chownSync(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0), 'told'],
  ['lchownSync', (path) => fs.lchownSync(path, process.getuid?.() ?? 0, process.getgid?.() ?? 0), 'told'],
  ['utimesSync', (path) => fs.utimesSync(path, 1, 1), 'told'],
  ['lutimesSync', (path) => fs.lutimesSync(path, 1, 1), 'told'],
  ['mkdtempSync', (path) => fs.mkdtempSync(`${path}-`).length, 'told'],
];

/** What a folder holds, as text that any effect changes. */
function listing(): string {
  const entries = fs.readdirSync(folder).toSorted();
  return entries
    .map((name) => {
      const { mode, size, mtimeMs, ino, nlink } = fs.lstatSync(file(name));
      return [name, mode, size, mtimeMs, ino, nlink].join();
    })
    .join('\n');
}

function prepare(): void {
  writeFileSync(file('a'), 'content');
  mkdirSync(file('empty'));
}

test('every function of the table is called here', () => {
  start();
  expect(CALLS.map(([name]) => name).toSorted()).toEqual(Object.keys(SYNC_FUNCTIONS).map((name) => `${name}Sync`).toSorted());
});

describe.each(CALLS)('%s', (name, call, kind) => {
  test('does what it does outside, and is one operation', async () => {
    prepare();
    const expected: unknown = call(file('a'));
    rmSync(folder, { recursive: true });
    mkdirSync(folder);
    prepare();
    const world = start();
    const value = await world.activity(async () => call(file('a')));
    expect(value).toEqual(expected);
    const [started, completed, ...more] = world.spans();
    const operation = { readFileSync: 'read', writeFileSync: 'write', appendFileSync: 'write' }[name] ?? name.slice(0, -'Sync'.length);
    expect([started, completed]).toMatchObject([
      { stage: 'started', file_operation: operation },
      { stage: 'completed', file_operation: operation, error: null },
    ]);
    expect(more).toEqual([]);
    expect(world.asked()).toHaveLength(kind === 'told' ? 1 : 0);
  });

  test('blocked, it throws and nothing has happened', async () => {
    prepare();
    const before = listing();
    const world = start('started');
    await expect(world.activity(async () => call(file('a')))).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED' });
    patches.release();
    expect(listing()).toBe(before);
  });
});

test.each(CALLS.filter(([, , kind]) => kind === 'withheld'))('a block at completed withholds what %s gives', async (_, call) => {
  prepare();
  const world = start('completed');
  let seen: unknown = 'nothing';
  await expect(world.activity(async () => void (seen = call(file('a'))))).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED' });
  expect(seen).toBe('nothing');
});

describe('paths and arguments', () => {
  test('bytes and URLs are the same file; a buffer is read where no encoding is given', async () => {
    prepare();
    const world = start();
    const read = await world.activity(async () => [fs.readFileSync(Buffer.from(file('a'))), fs.readFileSync(pathToFileURL(file('a')), { encoding: 'latin1' })]);
    expect(read).toEqual([Buffer.from('content'), 'content']);
    expect(new Set(world.spans().map((span) => span['file_path']))).toEqual(new Set([file('a')]));
  });

  test('a relative path is shown absolute, and errors name it as it was given', async () => {
    const world = start();
    await expect(world.activity(async () => fs.readFileSync('no/such/../file'))).rejects.toMatchObject({ code: 'ENOENT', path: 'no/such/../file' });
    expect(world.spans()).toMatchObject([{ file_path: join(process.cwd(), 'no/file') }, { stage: 'completed', error: expect.stringContaining('ENOENT') as string }]);
  });

  test('a descriptor is shown as one, with the file it leads to; standard streams are nobody’s', async () => {
    prepare();
    const fd = fs.openSync(file('a'), 'r');
    const world = start();
    await world.activity(async () => {
      expect(fs.readFileSync(fd, 'utf8')).toBe('content');
      fs.writeFileSync(1, '');
    });
    fs.closeSync(fd);
    expect(world.spans()).toMatchObject([{ file_path: `/dev/fd/${fd}`, attributes: { 'file.real_path': file('a') } }, { stage: 'completed' }]);
  });

  test.each<[string, () => unknown]>([
    ['no path', () => (fs.readFileSync as (path?: unknown) => unknown)()],
    ['an object', () => fs.readFileSync({ toString: () => file('a') } as unknown as string)],
    ['an empty path', () => fs.unlinkSync('')],
    ['a wrong encoding', () => fs.readFileSync(file('a'), 'no-such' as BufferEncoding)],
    ['a stream to write', () => fs.writeFileSync(file('b'), (function* () {})() as unknown as string)],
  ])('bad arguments get the runtime’s own error: %s', async (_, call) => {
    prepare();
    const plain = codeOf(call);
    const world = start();
    const governed = await world.activity(async () => codeOf(call));
    expect([typeof plain, governed]).toEqual(['string', plain]);
  });

  test('a link shows where it leads', async () => {
    prepare();
    symlinkSync(file('a'), file('link'));
    const world = start();
    Object.assign(world.governor.ports.files, { realPathSync: (path: string) => realpathSync.native(path) });
    await world.activity(async () => [fs.readFileSync(file('link')), fs.lstatSync(file('link'))]);
    expect(world.spans().map(({ attributes }) => (attributes as Record<string, unknown>)['file.real_path'])).toEqual([file('a'), file('a'), undefined, undefined]);
  });
});

test('statSync of nothing, told not to throw, gives undefined', async () => {
  const world = start();
  expect(await world.activity(async () => fs.statSync(file('none'), { throwIfNoEntry: false }))).toBeUndefined();
});

test('where files are not governed, and outside every activity, nothing is asked', async () => {
  prepare();
  const world = start('started', { instrumentFileIo: false });
  await world.activity(async () => fs.writeFileSync(file('a'), 'x'));
  fs.writeFileSync(file('b'), 'x');
  expect([readFileSync(file('a'), 'utf8'), readFileSync(file('b'), 'utf8'), world.spans()]).toEqual(['x', 'x', []]);
});

test('content is shown only where capture is on', async () => {
  const world = start(undefined, { captureFileContent: true });
  await world.activity(async () => {
    fs.writeFileSync(file('c'), 'content');
    fs.readFileSync(file('c'));
  });
  expect(world.spans().filter(({ data }) => data === 'content').map(({ file_operation, stage }) => `${String(file_operation)}/${String(stage)}`)).toEqual(
    expect.arrayContaining(['write/started', 'read/completed']),
  );
});

function codeOf(call: () => unknown): unknown {
  try {
    call();
    return 'none';
  } catch (error) {
    return (error as { code?: unknown }).code;
  }
}
