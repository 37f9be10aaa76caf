import { expect, test, vi } from 'vitest';
import { runActivity } from './activity.ts';
import type { Attempt } from './attempt.ts';
import type { Binding } from './binding.ts';
import { resolveConfig } from './config.ts';
import { OpenBoxAuthError, OpenBoxConfigError, OpenBoxNetworkError } from './errors.ts';
import { openGoverned, startGoverned, startOpenBox } from './openbox.ts';
import { governIn } from './govern.ts';
import { type CannedAnswer, memoryFetch } from './ports/fetch.ts';
import { createSlot, type ProcessSlot } from './slot.ts';
import { CALL, deferred, INFO, RESULT, testGovernor, testHost } from './test-support.ts';

const OPTIONS = { openboxUrl: 'http://localhost:1', openboxApiKey: 'obx_test_start' };

/** A runtime that counts what is open. */
function testBinding(answer: () => CannedAnswer, env: Record<string, string> = {}, missing: readonly string[] = []) {
  const { governor, lines } = testGovernor();
  const fetch = memoryFetch(answer);
  const open = { ports: 0, patches: 0 };
  const slot: ProcessSlot = createSlot(governor.scopes);
  const binding: Binding = {
    runtime: 'test',
    coverage: [
      { route: 'fetch', type: 'http_request', state: 'governed' },
      { route: 'fs.readFileSync', type: 'file_operation', state: 'open', reason: 'needs-sync-gate' },
    ],
    env: () => env,
    slot: () => slot,
    open: () => {
      open.ports++;
      return { ports: { ...governor.ports, fetch }, close: async () => void open.ports-- };
    },
    install: () => {
      open.patches++;
      const fetch = { users: 1, original: undefined, apply: () => true, restore: () => {} };
      slot.installed.set('fetch', new Map([[globalThis, fetch]]));
      const uninstall = (): void => {
        open.patches--;
        slot.installed.delete('fetch');
      };
      return { ready: Promise.resolve(), missing, boundBefore: [], uninstall };
    },
  };
  return { binding, fetch, open, lines };
}

const valid = (): CannedAnswer => ({ json: { valid: true, active: true } });

test('asks about the key, opens, and closes everything, once', async () => {
  const { binding, fetch, open } = testBinding(valid);
  const openbox = await startOpenBox(binding, OPTIONS, 'core');
  expect(fetch.requests.map(({ url }) => url)).toEqual(['http://localhost:1/api/v1/auth/validate']);
  expect(open).toEqual({ ports: 1, patches: 1 });
  await openbox.close();
  await openbox.close();
  expect(open).toEqual({ ports: 0, patches: 0 });
});

test('can be opened now and started later', async () => {
  const { binding, fetch, open } = testBinding(valid);
  const { openbox, governor, start } = openGoverned(binding, resolveConfig(OPTIONS), 'core');
  expect(governor.config.openboxUrl).toBe(OPTIONS.openboxUrl);
  expect(open).toEqual({ ports: 1, patches: 0 });
  expect(fetch.requests).toEqual([]);
  await start();
  expect(open).toEqual({ ports: 1, patches: 1 });
  await openbox.close();
  expect(open).toEqual({ ports: 0, patches: 0 });
});

test('one that was never started closes', async () => {
  const { binding, open } = testBinding(valid);
  await openGoverned(binding, resolveConfig(OPTIONS), 'core').openbox.close();
  expect(open).toEqual({ ports: 0, patches: 0 });
});

test('another version in the process is said in one line, and shares the slot', async () => {
  const { binding, lines } = testBinding(valid);
  const slot = { ...binding.slot(), version: '9.9.9' };
  await using _ = await startOpenBox({ ...binding, slot: () => slot }, OPTIONS, 'core');
  expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([expect.stringMatching(/^warn Two versions .* 9\.9\.9 and /)]);
});

test('await using closes too', async () => {
  const { binding, open } = testBinding(valid);
  {
    await using openbox = await startOpenBox(binding, OPTIONS, 'core');
    expect(openbox.coverageReport()).toMatchObject([
      { route: 'fetch', installed: true },
      { route: 'fs.readFileSync', installed: false },
    ]);
  }
  expect(open).toEqual({ ports: 0, patches: 0 });
});

test('what options switch off is open in the report', async () => {
  const { binding } = testBinding(valid);
  const files = { ...binding, coverage: [{ route: 'fs.promises.readFile', type: 'file_operation', state: 'governed' }] as const };
  const options = { ...OPTIONS, instrumentFileIo: false, ignoredUrlPrefixes: ['https://metrics.example/'] };
  await using openbox = await startOpenBox(files, options, 'core');
  expect(openbox.coverageReport()).toMatchObject([
    { route: 'fs.promises.readFile', state: 'open', reason: 'switched-off' },
    { route: 'fetch https://metrics.example/', state: 'open', reason: 'switched-off' },
  ]);
});

test('options come from the environment where they are not given', async () => {
  const { binding } = testBinding(valid, { OPENBOX_URL: 'http://localhost:2', OPENBOX_API_KEY: 'obx_test_env' });
  const { openbox, governor } = await startGoverned(binding, {}, 'core');
  expect(governor.config.openboxUrl).toBe('http://localhost:2');
  await openbox.close();
});

test('validateApiKey false starts unasked', async () => {
  const { binding, fetch } = testBinding(() => ({ status: 500 }));
  await using openbox = await startOpenBox(binding, { ...OPTIONS, validateApiKey: false }, 'core');
  expect(openbox.coverageReport().length).toBe(2);
  expect(fetch.requests).toEqual([]);
});

test.each([
  ['a refused key', { status: 401 }, OPTIONS, OpenBoxAuthError],
  ['no usable answer', { status: 503 }, OPTIONS, OpenBoxNetworkError],
  ['a missing key', {}, { openboxUrl: OPTIONS.openboxUrl }, OpenBoxConfigError],
  ['an unknown option', {}, { ...OPTIONS, governanceTimeOut: 5 }, OpenBoxConfigError],
])('%s: nothing half-started is left behind', async (_name, answer, options, type) => {
  const { binding, open } = testBinding(() => answer);
  await expect(startOpenBox(binding, options, 'core')).rejects.toThrow(type);
  expect(open).toEqual({ ports: 0, patches: 0 });
});

test('a patch that cannot be made: what was opened is closed', async () => {
  const { binding, open } = testBinding(valid);
  const install = vi.fn(() => {
    throw new Error('no');
  });
  await expect(startOpenBox({ ...binding, install }, OPTIONS, 'core')).rejects.toThrow('no');
  expect(open.ports).toBe(0);
});

test('a route that could not be patched is said aloud, and refused with strict', async () => {
  const lax = testBinding(valid, {}, ['fetch']);
  await using openbox = await startOpenBox(lax.binding, OPTIONS, 'core');
  expect(openbox.coverageReport().length).toBe(2);
  expect(lax.lines).toMatchObject([{ level: 'error', message: expect.stringContaining('fetch') }]);

  const strict = testBinding(valid, {}, ['fetch']);
  await expect(startOpenBox(strict.binding, { ...OPTIONS, strict: true }, 'core')).rejects.toThrow('could not be patched');
  expect(strict.open).toEqual({ ports: 0, patches: 0 });
});

test('closing under a running activity stops it: its next operation is refused, and its patches stay until then', async () => {
  const { binding, open } = testBinding(() => ({ json: { verdict: 'allow' } }));
  const { openbox, governor } = await startGoverned(binding, { ...OPTIONS, validateApiKey: false }, 'core');
  const closed = deferred<undefined>();
  const began = deferred<undefined>();
  const run = vi.fn(async () => 1);
  const activity = runActivity(
    governor,
    INFO,
    [],
    async () => {
      const attempt = governor.scopes.storage.get() as Attempt;
      began.resolve(undefined);
      await closed.promise;
      return governIn(attempt, { ...CALL }, run, RESULT);
    },
    testHost(),
  );
  await began.promise;
  await openbox.close();
  expect(open.patches).toBe(1);
  closed.resolve(undefined);
  await expect(activity).rejects.toThrow('governance was closed');
  expect(run).not.toHaveBeenCalled();
  expect(open.patches).toBe(0);
});
