import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run, runScript, type CommandResult } from './command.ts';
import { runtimePath } from './pinned-runtimes.ts';
import type { Step, StepResult } from './steps.ts';
import { findTemporalCli } from './temporal-cli.ts';

type VitestCounts = { numPassedTests: number; numFailedTests: number };

/** A script of package.json as a step: one pass or one failure. */
export const script = (name: string): Step => ({
  name,
  run: async () => {
    const { code, output } = await runScript(name);
    return code === 0 ? { passed: 1, failed: 0, output } : { passed: 0, failed: 1, output };
  },
});

/** Gets the Temporal CLI ahead of the tests, so that no test waits for a download. Counts nothing unless it fails. */
export const temporalCli: Step = {
  name: 'temporal cli',
  run: async () => ({ passed: 0, failed: 0, output: await findTemporalCli() }),
};

/** Counts of a test run; a failed run without a failed test, and a run without any test, count as one failure. */
export function settle({ code, output }: CommandResult, passed: number, failed: number): StepResult {
  if (failed === 0 && code !== 0) return { passed, failed: 1, output: `${output}\nEnded with exit code ${code}` };
  if (passed + failed === 0) return { passed, failed: 1, output: `${output}\nNo test ran` };
  return { passed, failed, output };
}

/** Gets the runtimes of tools/runtimes. Counts nothing unless it fails. */
export const pinnedRuntimes: Step = {
  name: 'runtimes',
  run: async () => ({ passed: 0, failed: 0, output: await runtimePath('bun') }),
};

/** The Vitest tests whose paths contain one of the filters (all without any). */
export const vitest = (name: string, ...filters: string[]): Step => ({
  name,
  run: async () => {
    const report = join(root, '.cache', `vitest-${process.pid}.json`);
    await mkdir(join(root, '.cache'), { recursive: true });
    const result = await run(process.execPath, [
      'node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', '--reporter=json', `--outputFile.json=${report}`, ...filters,
    ]);
    const counts = await readFile(report, 'utf8').then(
      (text) => JSON.parse(text) as VitestCounts,
      () => ({ numPassedTests: 0, numFailedTests: 0 }),
    );
    await rm(report, { force: true });
    return settle(result, counts.numPassedTests, counts.numFailedTests);
  },
});

/** How the runtimes' test runners print their totals: node:test and ours (`# pass 3`, `ℹ pass 3`), Bun (`3 pass`), Deno (`3 passed | 1 failed`). */
const TOTALS = [/^(?:#|ℹ) (?<name>\w+) (?<count>\d+)$/gm, /^ *(?<count>\d+) (?<name>pass|fail)$/gm, /\| (?<count>\d+) (?<name>pass|fail)ed\b/g];

/** Adds up the named totals of a test runner's output. */
export function sumOf(output: string, ...names: string[]): number {
  return TOTALS.flatMap((pattern) => [...output.matchAll(pattern)])
    .filter(({ groups }) => names.includes(groups?.['name'] ?? ''))
    .reduce((sum, { groups }) => sum + Number(groups?.['count']), 0);
}

/** The conformance cases on a runtime. */
export const conformance = (runtime: string): Step => ({
  name: `conformance ${runtime}`,
  run: async () => {
    const result = await runScript('conformance', ['--runtime', runtime]);
    return settle(result, sumOf(result.output, 'pass'), sumOf(result.output, 'fail', 'cancelled'));
  },
});

/** The tests of the Temporal host in another setting than Node with a cache, where they are among all tests. */
export const temporal = (setting: string, ...args: readonly string[]): Step => ({
  name: `temporal ${setting}`,
  run: async () => {
    const result = await runScript('temporal', args);
    return settle(result, ...testsOf(result.output));
  },
});

/** What Vitest's summary says: `Tests  2 failed | 31 passed (33)`. */
export function testsOf(output: string): readonly [passed: number, failed: number] {
  const summary = /^ *Tests +(.*)$/m.exec(output)?.[1] ?? '';
  const count = (name: string): number => Number(new RegExp(`(\\d+) ${name}`).exec(summary)?.[1] ?? 0);
  return [count('passed'), count('failed')];
}

/** The demo on a runtime: one pass or one failure. */
export const demo = (runtime: string): Step => ({
  name: `demo ${runtime}`,
  run: async () => {
    const { code, output } = await runScript('demo', ['--runtime', runtime]);
    return code === 0 ? { passed: 1, failed: 0, output } : { passed: 0, failed: 1, output };
  },
});
