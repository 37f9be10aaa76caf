import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import { run } from '../command.ts';
import { ENTRIES, sourceOn, specifierOf } from '../entries.ts';
import { runtimePath } from '../pinned-runtimes.ts';
import { BUNDLED_FORMS, FORMS } from './forms.ts';
import type { Matrix } from './matrix.ts';

/** Bundles for workerd as its own tools do, by its condition, and imports every entry that is for it in every form. */
export async function tryEdge(folder: string): Promise<Matrix> {
  const place = join(folder, 'workerd');
  await mkdir(place);
  const keys = Object.keys(ENTRIES).filter((key) => ENTRIES[key]?.edge === true);
  const cells = BUNDLED_FORMS.flatMap((form) => keys.map((key) => ({ form, key })));
  const tried = await Promise.all(
    cells.map(async ({ form, key }, index) => {
      const problem = await tryCell(place, index, form, key).catch((error: unknown) => String(error));
      return [[key, form, 'workerd'].join('\n'), problem] as const;
    }),
  );
  return new Map(tried);
}

async function tryCell(place: string, index: number, form: string, key: string): Promise<string> {
  const { extension, code, copy } = FORMS[form] ?? { extension: 'mjs', copy: 'dist', code: () => '' };
  const cell = `cell-${index}.${extension}`;
  await writeFile(join(place, cell), code(specifierOf(key), ENTRIES[key]?.shows));
  const { metafile } = await build({
    stdin: { contents: `import { value } from './${cell}'; export default { test() { if (value === undefined) throw new Error('does not export its name'); } };`, resolveDir: place },
    absWorkingDir: place,
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    plugins: [builtins],
    metafile: true,
    outfile: join(place, `bundle-${index}.js`),
    logLevel: 'silent',
  });
  const expected = `/${copy}/${sourceOn(key, 'workerd')}.js`;
  if (!Object.keys(metafile.inputs).some((path) => path.endsWith(expected))) return `is bundled without ${expected}`;
  await writeFile(join(place, `config-${index}.capnp`), configuration(`bundle-${index}.js`));
  const { code: exitCode, output } = await run(await runtimePath('workerd'), ['test', `config-${index}.capnp`], { cwd: place, timeout: 60_000 });
  return exitCode === 0 ? '' : output;
}

/** Leaves built-in modules to workerd; a `require()` of one, which ESM does not have, becomes an import. */
const builtins: Plugin = {
  name: 'builtins',
  setup({ onResolve, onLoad }) {
    onResolve({ filter: /^node:/ }, ({ path, kind }) => (kind === 'require-call' ? { path, namespace: 'required' } : { path, external: true }));
    onLoad({ filter: /^/, namespace: 'required' }, ({ path }) => ({ contents: `export * from '${path}';` }));
  },
};

const configuration = (bundle: string): string => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (services = [(name = "main", worker = .worker)]);
const worker :Workerd.Worker = (
  modules = [(name = "main", esModule = embed "${bundle}")],
  compatibilityDate = "2026-01-01",
  compatibilityFlags = ["nodejs_compat"],
);
`;
