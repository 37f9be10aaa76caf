// `npm run package`: installs the packed package into a folder of its own and uses it as a stranger would.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from './command.ts';
import { installPacked } from './package/consumer.ts';
import { tryEdge } from './package/edge.ts';
import { tryImports } from './package/imports.ts';
import { attwProblems, jsrProblems, publintProblems } from './package/linters.ts';
import { drawMatrix, type Matrix, problemsOf } from './package/matrix.ts';
import { runExample, runPrograms } from './package/programs.ts';
import { shakingProblems } from './package/tree-shaking.ts';
import { denoTypeProblems, typeProblems } from './package/types.ts';
import { runSteps, type Step } from './steps.ts';

const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string };
const consumer = await installPacked(version);
const { folder } = consumer;
const matrix: Matrix = new Map();

const step = (name: string, find: () => Promise<readonly string[]> | readonly string[]): Step => ({
  name,
  run: async () => {
    const problems = await find();
    return { passed: problems.length === 0 ? 1 : 0, failed: problems.length, output: problems.join('\n') };
  },
});

const imports = (name: string, attempt: (folder: string) => Promise<Matrix>): Step =>
  step(name, async () => {
    const tried = await attempt(folder);
    for (const [cell, problem] of tried) matrix.set(cell, problem);
    return problemsOf(tried);
  });

try {
  const { failed } = await runSteps([
    imports('imports', tryImports),
    imports('imports at the edge', tryEdge),
    step('programs', () => runPrograms(folder)),
    step("README's example", () => runExample(folder)),
    step('types', () => typeProblems(folder)),
    step('types on Deno', () => denoTypeProblems(folder)),
    step('tree-shaking', () => shakingProblems(folder)),
    step('publint', () => publintProblems(consumer)),
    step('attw', () => attwProblems(consumer)),
    step('jsr', jsrProblems),
  ]);
  process.stdout.write(`\n${drawMatrix(matrix)}\n`);
  process.exitCode = failed === 0 ? 0 : 1;
} finally {
  await consumer.remove();
}
