import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run } from '../command.ts';
import { ENTRIES, sourceOn, specifierOf } from '../entries.ts';
import { runCommand } from '../runtimes.ts';
import { type Form, FORMS } from './forms.ts';
import type { Matrix } from './matrix.ts';
import { type Consumed, RUNTIMES } from './runtimes.ts';

/** What `programs/import-cells.mjs` reads. */
interface Cell {
  readonly file: string;
  /** How the path of the entry's file ends. */
  readonly expected: string;
  /** Whether importing may change the process. */
  readonly active: boolean;
}

const program = 'import-cells.mjs';

/** Imports every entry in every form on every runtime. */
export async function tryImports(folder: string): Promise<Matrix> {
  await cp(join(root, 'tools', 'package', 'programs', program), join(folder, program));
  const matrix: Matrix = new Map();
  for (const [runtime, target] of Object.entries(RUNTIMES)) {
    // A process for each form: what one form has loaded must not help the next.
    const forms = Object.entries(FORMS);
    const results = await Promise.all(forms.map(([name, form], index) => tryForm(folder, `${runtime} ${index}`, target, form).then((tried) => [name, tried] as const)));
    for (const [form, tried] of results) for (const [entry, problem] of tried) matrix.set([entry, form, runtime].join('\n'), problem);
  }
  return matrix;
}

async function tryForm(folder: string, name: string, { runtime, condition, requires = condition }: Consumed, form: Form): Promise<[string, string][]> {
  const place = join(folder, name.replaceAll(' ', '-'));
  await mkdir(place);
  const keys = Object.keys(ENTRIES);
  const cells = keys.map((key, index): Cell => ({
    file: `./${index}.${form.extension}`,
    expected: `/${form.copy}/${sourceOn(key, form.copy === 'dist' ? condition : requires)}.js`,
    active: ENTRIES[key]?.shows === undefined,
  }));
  await Promise.all([
    cp(join(folder, program), join(place, program)),
    writeFile(join(place, 'cells.json'), JSON.stringify(cells)),
    ...keys.map((key, index) => writeFile(join(place, `${index}.${form.extension}`), textOf(form, key))),
  ]);
  const [executable, ...args] = await runCommand(runtime, join(place, program), { args: ['cells.json', 'results.json'] });
  const { output } = await run(executable, args, { cwd: place, timeout: 60_000 });
  const results = await readFile(join(place, 'results.json'), 'utf8').then((text) => JSON.parse(text) as string[], () => []);
  return keys.map((key, index) => [key, results[index] ?? `no result:\n${output}`]);
}

function textOf({ code, where }: Form, key: string): string {
  const specifier = specifierOf(key);
  return `${code(specifier, ENTRIES[key]?.shows)}\n${where?.(specifier) ?? ''}\n`;
}
