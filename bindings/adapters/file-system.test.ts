import { mkdirSync, promises, readlinkSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path, { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { temporaryFolder } from '../../tools/temporary-folder.ts';
import { createFileSystem } from './file-system.ts';

const files = createFileSystem(path, { ...promises, readlinkSync, realpathSync: realpathSync.native });
let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
  mkdirSync(join(folder, 'real'));
  writeFileSync(join(folder, 'real/file'), '');
  symlinkSync('real', join(folder, 'link'));
  symlinkSync('real/file', join(folder, 'to-file'));
  symlinkSync('link/new', join(folder, 'dangling'));
  symlinkSync('loop', join(folder, 'loop'));
});

test('paths are absolute and normalised', () => {
  expect(files.resolve('/a/./b/../c/')).toBe('/a/c');
  expect(files.resolve('a')).toBe(join(process.cwd(), 'a'));
});

test.each([
  ['real/file', 'real/file'],
  ['link/file', 'real/file'],
  ['to-file', 'real/file'],
  ['absent', 'absent'],
  ['absent/deep/er', 'absent/deep/er'],
  ['link/new/file', 'real/new/file'],
  ['dangling', 'real/new'],
])('%s leads to %s', async (given, real) => {
  expect(await files.realPath(join(folder, given))).toBe(join(folder, real));
  expect(files.realPathSync(join(folder, given))).toBe(join(folder, real));
});

test('a circle ends', async () => {
  expect(await files.realPath(join(folder, 'loop'))).toBe(join(folder, 'loop'));
  expect(files.realPathSync(join(folder, 'loop'))).toBe(join(folder, 'loop'));
});

test('a path longer than any file has leads nowhere, however deep', async () => {
  const long = `/${'a/'.repeat(500_000)}a`;
  expect(await files.realPath(long)).toBe(long);
  expect(files.realPathSync(long)).toBe(long);
});
