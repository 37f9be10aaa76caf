import { build } from 'esbuild';
import { ENTRIES, specifierOf } from '../entries.ts';

/** What is left of an import that is used for nothing, in bytes; packages of others do not count. */
async function leftOf(specifier: string, folder: string): Promise<number> {
  const { outputFiles } = await build({
    stdin: { contents: `import '${specifier}';`, resolveDir: folder },
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'bundle',
    external: ['@temporalio/*', 'undici'],
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]?.contents.length ?? 0;
}

/** A bundler leaves out what is not used; what acts by being imported it keeps. */
export async function shakingProblems(folder: string): Promise<string[]> {
  const tried = Object.entries(ENTRIES).map(async ([key, { shows }]) => {
    const left = await leftOf(specifierOf(key), folder);
    const acts = shows === undefined;
    if (acts === left > 0) return [];
    return [acts ? `${key} is left out of a bundle` : `${key} leaves ${left} bytes in a bundle that does not use it`];
  });
  return (await Promise.all(tried)).flat();
}
