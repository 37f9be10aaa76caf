import { existsSync, promises, readFileSync, writeFileSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type OpenBox, OpenBoxNetworkError } from '../../core/index.ts';
import { printedBy } from '../../tools/printed-by.ts';
import { temporaryFolder } from '../../tools/temporary-folder.ts';
import { type Site, startSite } from '../adapters/test-support.ts';
import { createOpenBox, GovernanceBlockedError, govern, traced } from './index.ts';
import { activity, startCore, type TestCore } from './test-support.ts';

let core: TestCore;
let site: Site;
let folder: string;
let open: OpenBox[] = [];

beforeEach(async () => {
  core = await startCore(({ span }) => (JSON.stringify(span).includes('forbidden') ? { verdict: 'block', reason: 'no' } : undefined));
  site = await startSite(({ url }, response) => response.end(`at ${url}`));
  folder = temporaryFolder();
});
afterEach(async () => {
  await Promise.all(open.map((openbox) => openbox.close()));
  open = [];
  await Promise.all([core.close(), site.close()]);
});

async function start(...args: Parameters<TestCore['open']>): Promise<OpenBox> {
  const openbox = await core.open(...args);
  open.push(openbox);
  return openbox;
}

const page = async (path: string): Promise<string> => (await fetch(site.url + path)).text();

describe('one activity', () => {
  test('is told from start to end, with what it does', async () => {
    const openbox = await start();
    const work = traced(async (name: string) => name.toUpperCase(), { name: 'shout' });
    const result = await activity(openbox, async () => {
      await writeFile(join(folder, 'a'), await page('/hello'));
      const text = await readFile(join(folder, 'a'), 'utf8');
      return govern({ type: 'function_call', function: 'index', module: null }, () => work(text));
    });
    expect(result).toBe('AT /HELLO');
    expect(core.sent.map(({ step }) => step)).toEqual([
      'WorkflowStarted',
      'ActivityStarted',
      'http_request/started',
      'http_request/completed',
      'file_operation/started',
      'file_operation/completed',
      'file_operation/started',
      'file_operation/completed',
      'function_call/started',
      'function_call/started',
      'function_call/completed',
      'function_call/completed',
      'ActivityCompleted',
      'WorkflowCompleted',
    ]);
  });

  test('what is blocked does not happen', async () => {
    const openbox = await start();
    await expect(activity(openbox, () => page('/forbidden'))).rejects.toThrow(GovernanceBlockedError);
    await expect(activity(openbox, () => writeFile(join(folder, 'forbidden'), 'x'))).rejects.toThrow(GovernanceBlockedError);
    expect([site.connections(), existsSync(join(folder, 'forbidden'))]).toEqual([0, false]);
  });

  test('traffic to Core is exempt by the way it takes, not by its URL (fault: core-exempt-by-url)', async () => {
    const openbox = await start();
    await activity(openbox, async () => (await fetch(`${core.url}/api/v1/auth/validate`)).text());
    expect(core.sent.map(({ step }) => step)).toContain('http_request/started');
    expect(core.sent.filter(({ step }) => step.startsWith('http_request'))).toHaveLength(2);
  });

  test('reports that nobody waits for arrive in order, and before the activity’s end', async () => {
    const openbox = await start();
    await activity(openbox, async () => {
      // Both resolve before their reports are answered.
      await writeFile(join(folder, 'a'), '1').then(() => writeFile(join(folder, 'b'), '2'));
    });
    const steps = core.sent.map(({ step, span }) => [step, span['file_path']]);
    expect(steps.slice(2, -1)).toEqual([
      ...['a', 'b'].flatMap((name) => ['started', 'completed'].map((stage) => [`file_operation/${stage}`, join(folder, name)])),
      ['ActivityCompleted', undefined],
    ]);
  });
});

test('twenty activities at once keep apart (fault: buffers-shared)', async () => {
  const openbox = await start();
  const run = (n: number): Promise<string> =>
    activity(
      openbox,
      async () => {
        await Promise.all([page(`/${n}/a`), writeFile(join(folder, `${n}`), 'x')]);
        await new Promise((done) => setImmediate(done));
        return page(`/${n}/b`);
      },
      `Workflow${n}`,
    );
  const all = Array.from({ length: 20 }, (_, n) => n);
  expect(await Promise.all(all.map(run))).toEqual(all.map((n) => `at /${n}/b`));
  for (const n of all) {
    const own = core.sent.filter(({ event }) => event['workflow_type'] === `Workflow${n}`);
    const urls = own.flatMap(({ step, span }) => (step === 'http_request/started' ? [new URL(String(span['http_url'])).pathname] : []));
    const files = own.flatMap(({ step, span }) => (step === 'file_operation/started' ? [span['file_path']] : []));
    expect([urls, files]).toEqual([[`/${n}/a`, `/${n}/b`], [join(folder, `${n}`)]]);
    expect(new Set(own.filter(({ span }) => 'trace_id' in span).map(({ span }) => span['trace_id'])).size).toBe(1);
  }
});

describe('patches', () => {
  test('are seen by every form of import, and are gone after close', async () => {
    const require = createRequire(import.meta.url) as (name: string) => { promises: { readFile: unknown }; readFile: unknown };
    const forms = (): Set<unknown> =>
      new Set([
        readFile,
        promises.readFile,
        require('node:fs').promises.readFile,
        require('node:fs/promises').readFile,
        process.getBuiltinModule('node:fs').promises.readFile,
      ]);
    const [before, { fetch: original }] = [forms(), globalThis];
    const openbox = await start();
    const patched = forms();
    expect([before.size, patched.size, [...patched].some((form) => before.has(form))]).toEqual([1, 1, false]);
    await openbox.close();
    expect(forms()).toEqual(before);
    expect(globalThis.fetch).toBe(original);
  });

  test('two users, each with a Core of its own, share them; the last one takes them off', async () => {
    const other = await startCore();
    const { fetch: original } = globalThis;
    const [first, second] = [await start(), await other.open()];
    const patched = globalThis.fetch;
    await activity(second, () => page('/forbidden'));
    await expect(activity(first, () => page('/forbidden'))).rejects.toThrow(GovernanceBlockedError);
    await first.close();
    expect(globalThis.fetch).toBe(patched);
    await activity(second, () => page('/again'));
    expect(other.sent.filter(({ step }) => step === 'http_request/started')).toHaveLength(2);
    await second.close();
    expect(globalThis.fetch).toBe(original);
    await other.close();
  });

  test('a user who does not want files governed is not asked about them, whoever else does', async () => {
    const other = await startCore();
    const [, second] = [await start(), await other.open({ instrumentFileIo: false })];
    await activity(second, () => writeFile(join(folder, 'forbidden'), 'x'));
    expect(readFileSync(join(folder, 'forbidden'), 'utf8')).toBe('x');
    expect(other.sent.map(({ step }) => step)).not.toContain('file_operation/started');
    await second.close();
    await other.close();
  });

  test('outside an activity nothing is asked (fault: outside-governed)', async () => {
    const openbox = await start();
    expect(await page('/forbidden')).toBe('at /forbidden');
    expect(core.sent).toEqual([]);
    await activity(openbox, () => page('/hello'));
    const before = core.sent.length;
    expect(await page('/forbidden')).toBe('at /forbidden');
    expect(core.sent).toHaveLength(before);
  });
});

describe('starting', () => {
  test('leaves nothing behind where Core does not answer', async () => {
    const gone = await startSite(() => {});
    await gone.close();
    const { fetch: original } = globalThis;
    await expect(createOpenBox({ openboxUrl: gone.url, openboxApiKey: 'obx_test_node' })).rejects.toThrow(OpenBoxNetworkError);
    expect(globalThis.fetch).toBe(original);
  });

  test('importing does nothing, modules load unasked, and a closed process ends by itself', async () => {
    const entry = JSON.stringify(new URL('./index.ts', import.meta.url).href);
    const late = join(folder, 'late.mjs');
    writeFileSync(late, 'export const late = 7;');
    const printed = await printedBy(
      'node',
      `const before = [globalThis.fetch, process.getBuiltinModule('node:fs').promises.readFile, process.getActiveResourcesInfo().length];
      const { createOpenBox } = await import(${entry});
      const after = [globalThis.fetch, process.getBuiltinModule('node:fs').promises.readFile, process.getActiveResourcesInfo().length];
      const openbox = await createOpenBox({ openboxUrl: ${JSON.stringify(core.url)}, openboxApiKey: 'obx_test_node' });
      const { late } = await openbox.runWorkflow({ workflowType: 'T' }, [], (scope) => scope.activity('a', [], () => import(${JSON.stringify(pathToFileURL(late).href)})));
      await openbox.close();
      console.log(JSON.stringify([before[0] === after[0], before[1] === after[1], after[2] - before[2], late]));`,
    );
    expect(printed).toEqual([true, true, 0, 7]);
    expect(core.sent.map(({ step }) => step)).toEqual(['WorkflowStarted', 'ActivityStarted', 'ActivityCompleted', 'WorkflowCompleted']);
  });
});
