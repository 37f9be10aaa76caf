import { describe, expect, it } from 'vitest';
import {
  importCycles, runtimeGlobalsInCore, strangers, strayImports, testsWithoutSource, testSupportInShipped,
} from './architecture.ts';
import { loadBare } from './load-bare.ts';
import { readSources, topLevel, type Sources } from './sources.ts';

type Rule = { name: string; check: (sources: Sources) => string[]; allowed: Planted[]; forbidden: Planted[] };
/** Sources by path. */
type Planted = Record<string, string>;

const sources = readSources();

/** One planted file each. */
const each = (path: string, ...texts: string[]): Planted[] => texts.map((text) => ({ [path]: text }));

const rules: Rule[] = [
  {
    name: 'a file imports what its room allows',
    check: strayImports,
    allowed: [
      ...each('core/a.ts', "import { b } from './b.ts';", "export * from './ports/clock.ts';"),
      ...each('bindings/adapters/a.ts', "import type fs from 'node:fs';", "import { b } from '../../core/index.ts';"),
      ...each('bindings/temporal/a.ts', "import { proxy } from '@temporalio/worker';", "import './workflow/marker.ts';"),
      ...each('bindings/temporal/workflow/a.ts', "import { sleep } from '@temporalio/workflow';"),
      ...each('bindings/node/a.ts', "import 'undici';", "import '../adapters/fetch.ts';", "import 'node:fs';"),
      ...each('bindings/node/temporal.ts', "import '@temporalio/worker';"),
      ...each('conformance/cases/a.ts', "import assert from 'node:assert/strict';", "import '../world.ts';"),
      ...each('conformance/vectors/a.ts', "import '@temporalio/client';", "import '../../bindings/node/temporal.ts';", "import 'pg';", "import '../testing.ts';"),
      ...each('conformance/vectors/workflows.ts', "import { sleep } from '@temporalio/workflow';"),
      ...each('docs/examples/a.ts', "import '@openbox-ai/temporal-sdk/temporal';", "import '../../tools/temporal-server.ts';"),
      ...each('core/a.test.ts', "import { it } from 'vitest';"),
    ],
    forbidden: [
      ...each(
        'core/a.ts',
        "import fs from 'node:fs';",
        "import type fs from 'node:fs';",
        "import 'undici';",
        "export * from 'undici';",
        "import { b } from '../bindings/node/index.ts';",
        "const a = await import('node:fs');",
        "const name = 'node:fs'; const a = await import(name);",
        "const a = require('fs');",
        "const a = require.resolve('fs');",
        "import a = require('fs');",
        "type A = import('node:fs').Stats;",
        "import '../conformance/testing.ts';",
        '/// <reference types="node" />',
      ),
      ...each('bindings/adapters/a.ts', "import fs from 'node:fs';", "import '../node/index.ts';", "import '../temporal/a.ts';"),
      ...each('bindings/drivers/a.ts', "import '../node/index.ts';", "import 'pg';"),
      ...each('bindings/temporal/a.ts', "import '../node/index.ts';", "import '../adapters/fetch.ts';", "import 'undici';"),
      ...each('bindings/temporal/workflow/a.ts', "import 'node:fs';", "import '../worker.ts';", "import '@temporalio/client';"),
      ...each('bindings/node/a.ts', "import '../bun/index.ts';", "import '@temporalio/worker';", "import '../../conformance/testing.ts';"),
      ...each('bindings/bun/temporal.ts', "import '../node/temporal.ts';"),
      ...each('conformance/cases/a.ts', "import { it } from 'vitest';", "import 'node:test';", "import '../../bindings/node/index.ts';"),
      ...each('conformance/vectors/a.ts', "import { it } from 'vitest';", "import '../../tools/command.ts';"),
      ...each('conformance/vectors/workflows.ts', "import 'node:fs';", "import './recording.ts';", "import '@temporalio/client';"),
      ...each('docs/examples/a.ts', "import '../../core/index.ts';", "import '../../tools/command.ts';", "import 'vitest';"),
      ...each('bindings/cloud/a.ts', ''),
      ...each('stray.ts', ''),
    ],
  },
  {
    name: 'core names no global of one runtime',
    check: runtimeGlobalsInCore,
    allowed: [
      ...each(
        'core/a.ts',
        'export const a = run.process;',
        'export const a = { process: 1 };',
        'export type A = { global: string };',
        'export const { process: own } = run;',
        '// process.env\nexport const a = "Buffer";',
      ),
      ...each('core/a.test.ts', 'process.exit();'),
      ...each('bindings/node/a.ts', 'process.exit();'),
    ],
    forbidden: each(
      'core/a.ts',
      'process.exit();',
      'export const a = Buffer.from("");',
      'export const a = typeof Deno;',
      'export const a = globalThis.Bun;',
      "export const a = globalThis['process'];",
      'export const a = { process };',
      'require("a");',
      'export type A = NodeJS.Timeout;',
      'setImmediate(() => {});',
      'export const a = [__dirname, 1];',
      'global.a = 1;',
    ),
  },
  {
    name: 'shipped code leaves test support alone',
    check: testSupportInShipped,
    allowed: each('core/a.test.ts', "import './test-support.ts';"),
    forbidden: [
      ...each('core/a.ts', "import './test-support.ts';", "import type { A } from './b.test.ts';"),
      ...each('bindings/node/a.ts', "export * from '../test-support.ts';"),
      ...each('conformance/a.ts', "await import('./test-support.ts');"),
    ],
  },
  {
    name: 'no circle of imports at run time',
    check: importCycles,
    allowed: [
      { 'core/a.ts': "import type { B } from './b.ts';", 'core/b.ts': "import { a } from './a.ts';" },
      { 'core/a.ts': "import './b.ts'; import './c.ts';", 'core/b.ts': "import './c.ts';", 'core/c.ts': '' },
    ],
    forbidden: [
      { 'core/a.ts': "import './a.ts';" },
      { 'core/a.ts': "import { type B } from './b.ts';", 'core/b.ts': "import { a } from './a.ts';" },
      { 'core/a.ts': "import './b.ts';", 'core/b.ts': "export * from './c.ts';", 'core/c.ts': "await import('./a.ts');" },
    ],
  },
  {
    name: 'a test stands beside its source',
    check: testsWithoutSource,
    allowed: [
      { 'core/a.ts': '', 'core/a.test.ts': '' },
      { 'core/a.ts': '', 'core/a.aspect.test.ts': '' },
      { 'tools/a.mjs': '', 'tools/a.test.ts': '' },
    ],
    forbidden: [
      { 'core/b.ts': '', 'core/a.test.ts': '' },
      { 'core/a.ts': '', 'core/tests/a.test.ts': '' },
      { 'core/aspect.ts': '', 'core/a.aspect.test.ts': '' },
    ],
  },
];

describe('sources', () => {
  it('are all read', () => {
    for (const path of ['core/index.ts', 'bindings/node/index.ts', 'conformance/testing.ts', 'tools/run.mjs', 'vitest.config.ts']) {
      expect(sources.get(path), path).toBeTruthy();
    }
    for (const folder of ['core/', 'core/ports/', 'bindings/adapters/', 'bindings/temporal/workflow/', 'conformance/cases/', 'docs/', 'tools/']) {
      expect([...sources.keys()].filter((path) => path.startsWith(folder)).length, folder).toBeGreaterThan(1);
    }
    expect([...sources.keys()].filter((path) => /(?:^|\/)(?:node_modules|dist|\.cache)\//.test(path))).toEqual([]);
  });
});

describe.each(rules)('$name', ({ check, allowed, forbidden }) => {
  const found = (planted: Planted): string[] => check(new Map(Object.entries(planted)));

  it('in this repository', () => expect(check(sources)).toEqual([]));

  it.each(allowed)('allows %j', (planted) => expect(found(planted)).toEqual([]));

  it.each(forbidden)('finds %j', (planted) => expect(found(planted)).toHaveLength(1));
});

describe('the top level holds the agreed names', () => {
  const names = topLevel();

  it('in this repository', () => {
    expect(names).toEqual(expect.arrayContaining(['core', 'package.json', 'tools']));
    expect(strangers(names)).toEqual([]);
  });

  it('finds a stranger', () => expect(strangers(['core', 'notes.txt'])).toEqual(['notes.txt']));
});

describe('workflow code touches nothing while it loads', () => {
  it.each(['index', 'interceptors'])('bindings/temporal/workflow/%s.ts', async (name) => {
    const path = `bindings/temporal/workflow/${name}.ts`;
    expect(sources.has(path)).toBe(true);
    const exports = await loadBare(`export * from './${path}';`);
    expect(Object.keys(exports)).not.toEqual([]);
  });

  it.each([
    "fetch('http://127.0.0.1')",
    'setTimeout(() => {}, 1)',
    'Date.now()',
    'new Date()',
    'Date()',
    'Math.random()',
    'crypto.randomUUID()',
    'performance.now()',
    'process.env',
  ])('finds %s', async (text) => {
    await expect(loadBare(`export const a = ${text};`)).rejects.toThrow('while the module loaded');
  });

  it.each(["new Date('2026-01-01')", 'Date.UTC(2026, 0)', 'Math.max(1, 2)', '() => Date.now()', "new URL('http://a')"])(
    'allows %s',
    async (text) => expect(await loadBare(`export const a = ${text};`)).toHaveProperty('a'),
  );
});
