import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from '../command.ts';
import { runCommand } from '../runtimes.ts';
import { installed, must } from './consumer.ts';
import { type Consumed, RUNTIMES } from './runtimes.ts';

/** A consumer's program, and the line that it ends with. */
interface Program {
  readonly says: string;
  readonly on: readonly Consumed[];
  /** Whether it runs under the preload, once in each form. */
  readonly preloaded?: boolean;
  prepare?(folder: string): Promise<void>;
}

const all = Object.values(RUNTIMES);

const PROGRAMS: Readonly<Record<string, Program>> = {
  'shared-copies.mjs': { says: 'copies are one', on: all },
  'two-versions.mjs': { says: 'two versions are refused', on: all, prepare: addOtherVersion },
  'preloaded.mjs': { says: 'functions taken before are governed', on: all, preloaded: true },
  'workflow-bundles.mjs': { says: 'bundles hold the core', on: all.filter(({ runtime }) => runtime === 'node') },
};

/** Runs the programs on their runtimes; returns what went wrong. */
export async function runPrograms(folder: string): Promise<string[]> {
  const problems: string[] = [];
  for (const [name, { says, on, preloaded, prepare }] of Object.entries(PROGRAMS)) {
    await prepare?.(folder);
    await cp(join(root, 'tools', 'package', 'programs', name), join(folder, name));
    const runs = on.flatMap(({ runtime, preloads }) => (preloaded === true ? preloads : [[]]).map((flags) => ({ runtime, flags })));
    const tried = runs.map(async ({ runtime, flags }) => {
      const [executable, ...args] = await runCommand(runtime, name, { flags });
      const output = await must(executable, args, folder).catch(String);
      if (!output.includes(says)) problems.push([name, 'on', runtime, ...flags, output].join(' '));
    });
    await Promise.all(tried);
  }
  return problems;
}

/** The package once more under another name, as a version whose slot is of another kind. */
async function addOtherVersion(folder: string): Promise<void> {
  const place = join(folder, 'node_modules', 'other-version');
  await mkdir(place);
  await cp(installed(folder), place, { recursive: true });
  for (const [file, from, to] of [
    ['slot.js', /PROTOCOL = \d+/, 'PROTOCOL = 99'],
    ['version.js', /VERSION = '[^']*'/, "VERSION = '9.9.9'"],
  ] as const) {
    const path = join(place, 'dist', 'core', file);
    const text = await readFile(path, 'utf8');
    const changed = text.replace(from, to);
    if (changed === text) throw new Error(`${file} has nothing like ${String(from)}`);
    await writeFile(path, changed);
  }
}

/** Runs README's example for tests as a consumer does, who has tsx. */
export async function runExample(folder: string): Promise<string[]> {
  await cp(join(root, 'docs', 'examples', 'testing', 'policy.ts'), join(folder, 'policy.mts'));
  const tsx = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
  const said = await must(process.execPath, ['--import', tsx, 'policy.mts'], folder);
  return said.includes('no network here') ? [] : [`It printed: ${said}`];
}
