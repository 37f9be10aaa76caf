/** Where a thread's code is, and the flags of the runtime that it needs. */
export interface ThreadEntry {
  readonly url: URL;
  readonly execArgv: readonly string[];
}

/**
 * A module of this package that runs as a thread: it stands beside `base`, built or as source. Flags and preloads of the
 * process are not passed on.
 *
 * @param path without extension
 * @param readsTypeScript whether the runtime runs sources as they are
 */
export function threadEntry(base: string, path: string, readsTypeScript: boolean): ThreadEntry {
  if (!base.endsWith('.ts')) return { url: new URL(`${path}.js`, base), execArgv: [] };
  const loader = new URL('../../tools/register-tsx.mjs', base).href;
  return { url: new URL(`${path}.ts`, base), execArgv: readsTypeScript ? [] : ['--import', loader] };
}
