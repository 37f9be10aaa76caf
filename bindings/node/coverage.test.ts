import childProcess from 'node:child_process';
import fs, { promises } from 'node:fs';
import { builtinModules } from 'node:module';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isInstalled, type OpenBox } from '../../core/index.ts';
import { builtinSlot } from '../adapters/builtin-slot.ts';
import { COVERAGE } from './coverage.ts';
import { activity, startCore, type TestCore } from './test-support.ts';

let core: TestCore;
let openbox: OpenBox;
beforeEach(async () => {
  core = await startCore();
});
afterEach(async () => {
  await openbox.close();
  await core.close();
});

const routes = (state: string): string[] => COVERAGE.flatMap((row) => (row.state === state ? [row.route] : [])).toSorted();
const installed = (): string[] => [...builtinSlot().installed.keys()].filter((route) => isInstalled(builtinSlot(), route)).toSorted();
/** The class of file handles is known from the first one on. */
const openHandle = (): Promise<void> => activity(openbox, async () => (await promises.open(import.meta.filename)).close());

describe('table and process agree', () => {
  test('before and after nothing is installed', async () => {
    expect(installed()).toEqual([]);
    openbox = await core.open();
    expect(installed()).not.toEqual([]);
    await openbox.close();
    expect(installed()).toEqual([]);
  });

  test('every governed row is installed, and whatever is installed has a row', async () => {
    openbox = await core.open({ databases: { pg } });
    expect(installed()).toEqual(routes('governed'));
    expect(openbox.coverageReport().flatMap((row) => (row.installed ? [row.route] : [])).toSorted()).toEqual(installed());
  });

  test('where files and databases are not governed, no route of theirs is installed', async () => {
    openbox = await core.open({ instrumentFileIo: false, instrumentDatabases: false });
    await openHandle();
    const files = new Set(COVERAGE.flatMap(({ route, type }) => (type === 'file_operation' || type === 'db_query' ? [route] : [])));
    expect(installed()).toContain('fetch');
    expect(installed().filter((route) => files.has(route))).toEqual([]);
  });
});

describe('the table is complete', () => {
  test('rows are unique, and each gap has a reason', async () => {
    openbox = await core.open();
    const all = COVERAGE.map(({ route }) => route);
    expect(new Set(all).size).toBe(all.length);
    expect(COVERAGE.filter(({ state, reason }) => (state === 'governed') !== (reason === undefined))).toEqual([]);
  });

  test('every synchronous function of fs and child_process has a row', async () => {
    openbox = await core.open();
    const declared = new Set(COVERAGE.map(({ route }) => route));
    const routes = Object.entries({ fs, child_process: childProcess }).flatMap(([module, functions]) =>
      Object.keys(functions).flatMap((name) => (name.endsWith('Sync') ? [`${module}.${name}`] : [])),
    );
    expect(routes.filter((route) => !declared.has(route))).toEqual([]);
  });

  test('every function of fs.promises and every method of its handles has a row', async () => {
    openbox = await core.open({ instrumentFileIo: false });
    const declared = new Set(COVERAGE.map(({ route }) => route));
    const functions = Object.entries(promises).flatMap(([name, value]) => (typeof value === 'function' ? [`fs.promises.${name}`] : []));
    expect(functions.filter((route) => !declared.has(route))).toEqual([]);

    const handle = await promises.open('/dev/null');
    const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(handle)).filter((name) => !HARMLESS_METHODS.has(name));
    await handle.close();
    expect(methods.map((name) => `FileHandle.${name}`).filter((route) => !declared.has(route))).toEqual([]);
  });

  test('every module of Node has a row or reaches nothing', async () => {
    openbox = await core.open();
    const mentioned = (name: string): boolean => COVERAGE.some(({ route }) => route.split(/[\s.,]+/).includes(name) || route === `node:${name}`);
    const undeclared = builtinModules.filter((name) => !name.startsWith('_') && !HARMLESS.has(name) && !mentioned(name.split('/')[0] ?? name));
    expect(undeclared).toEqual([]);
  });
});

/** Told, not asked (`close`), made of governed methods, or without reach. */
const HARMLESS_METHODS = new Set(['constructor', 'getAsyncId', 'fd', 'close', 'createReadStream', 'createWriteStream', 'readLines']);

/** Modules that reach nothing outside the process. */
const HARMLESS = new Set(
  [
    'assert assert/strict async_hooks buffer console constants crypto diagnostics_channel domain events module os path path/posix path/win32',
    'perf_hooks process punycode querystring readline readline/promises stream stream/consumers stream/promises stream/web string_decoder sys',
    'timers timers/promises tty url util util/types zlib',
  ].flatMap((line) => line.split(' ')),
);
