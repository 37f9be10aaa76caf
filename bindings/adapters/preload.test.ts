import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import type { Binding, Gate } from '../../core/index.ts';
import { root } from '../../tools/command.ts';
import { printedBy } from '../../tools/printed-by.ts';
import { temporaryFolder } from '../../tools/temporary-folder.ts';
import { isOlder, preload } from './preload.ts';

/** An application that has imported a function by its name before it starts governance. */
const application = (name: string, path: string, options: string): string => `
import { writeFile } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { createOpenBox } from ${JSON.stringify(join(root, `bindings/${name}/index.ts`))};
import { startLocalCore } from ${JSON.stringify(join(root, 'conformance/testing.ts'))};
const core = await startLocalCore({ policy: { rules: [{ when: { stage: 'started' }, answer: { verdict: 'block', reason: 'no' } }] } });
const lines: string[] = [];
const log = (line: string): void => void lines.push(line);
const logger = { info: log, warn: log, error: log };
const path = ${JSON.stringify(path)};
const result: Record<string, unknown> = {};
try {
  const openbox = await createOpenBox({ openboxUrl: core.url, openboxApiKey: core.apiKey, logger${options} });
  result['row'] = openbox.coverageReport().find(({ route }) => route === 'fs.promises.writeFile');
  result['saved'] = openbox.coverageReport().find(({ route }) => route === 'saved references')?.state;
  await openbox.runWorkflow({ workflowType: 'App' }, [], ({ activity }) => activity('write', [], () => writeFile(path, 'x'))).catch((error) => void (result['code'] = error.code));
  await openbox.close();
} catch (error) {
  result['refused'] = String(error);
}
await core.close();
console.log(JSON.stringify({ ...result, lines, written: existsSync(path) }));
`;

interface Shown {
  readonly row?: { readonly state: string; readonly reason?: string };
  readonly saved?: string;
  readonly code?: string;
  readonly refused?: string;
  readonly lines: readonly string[];
  readonly written: boolean;
}

async function run(name: 'node' | 'bun' | 'deno', { preloaded = false, options = '' } = {}): Promise<Shown> {
  const source = application(name, join(temporaryFolder(), 'written'), options);
  return (await printedBy(name, source, preloaded ? { preload: `./bindings/${name}/preload.ts` } : {})) as Shown;
}

describe.each(['node', 'bun', 'deno'] as const)('%s', (name) => {
  test('with the preload a named import is governed, and nothing is left to say', async () => {
    const { row, saved, code, lines, written } = await run(name, { preloaded: true });
    expect({ state: row?.state, saved, code, written }).toEqual({ state: 'governed', saved: 'governed', code: 'OPENBOX_BLOCKED', written: false });
    expect(lines.filter((line) => line.includes('preload'))).toEqual([]);
  });
});

describe('without the preload', () => {
  test('Node renews named imports; that saved references stay open is said once', async () => {
    const { row, saved, code, lines, written } = await run('node');
    expect({ state: row?.state, saved, code, written }).toEqual({ state: 'governed', saved: 'open', code: 'OPENBOX_BLOCKED', written: false });
    expect(lines.filter((line) => line.includes('--import @openbox-ai/temporal-sdk/preload'))).toHaveLength(1);
  });

  test('Bun does not: the route is shown as open, and said', async () => {
    const { row, code, lines, written } = await run('bun');
    expect({ state: row?.state, reason: row?.reason, code, written }).toEqual({ state: 'open', reason: 'needs-preload', code: undefined, written: true });
    expect(lines.join('\n')).toMatch(/Named imports .*--preload/);
  });

  test.each(['node', 'bun', 'deno'] as const)('on %s the report says what really happens', async (name) => {
    const { row, written } = await run(name);
    expect(written).toBe(row?.state !== 'governed');
  });

  test('with strict governance does not start where a named import would stay open', async () => {
    const { refused, written } = await run('bun', { options: ', strict: true' });
    expect(refused).toMatch(/Option strict is true, and named imports/);
    expect(written).toBe(false);
  });
});

describe('where it does not belong', () => {
  const gate: Gate = { enter: () => undefined };

  function preloadWith(versions: Record<string, string>, install: Binding['install']): string[] {
    const lines: string[] = [];
    const write = vi.spyOn(process.stderr, 'write').mockImplementation((line) => lines.push(String(line)) > 0);
    try {
      preload({ binding: { install } as Binding, gate, name: 'bun', floor: '1.4' }, versions);
    } finally {
      write.mockRestore();
    }
    return lines;
  }

  const done = { ready: Promise.resolve(), missing: [], boundBefore: [], uninstall: () => {} };

  test('in another runtime it patches nothing and says which one to use', () => {
    const install = vi.fn<Binding['install']>(() => done);
    expect(preloadWith({ node: '20.20.2' }, install).join('')).toMatch(/preload for bun and the process is node/);
    expect(install).not.toHaveBeenCalled();
  });

  test('in a runtime that is too old it says so and patches what it can', () => {
    const install = vi.fn<Binding['install']>(() => done);
    expect(preloadWith({ node: '22.0.0', bun: '1.3.9' }, install).join('')).toMatch(/bun 1\.3\.9 is older than 1\.4/i);
    expect(install).toHaveBeenCalledOnce();
  });

  test('what fails is said, and the application goes on', () => {
    const lines = preloadWith({ node: '26.0.0', bun: '1.4.5' }, () => {
      throw new Error('no such module');
    });
    expect(lines.join('')).toMatch(/preload failed.*no such module/);
  });

  test.each([['1.3.9', '1.4', true], ['1.4', '1.4', false], ['1.4.5', '1.4', false], ['1.10', '1.4', false], ['20.9.0', '20.19', true], ['', '1', true]])(
    'is %s older than %s: %s',
    (version, floor, older) => expect(isOlder(version, floor)).toBe(older),
  );
});
