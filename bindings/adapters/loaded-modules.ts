/** The CommonJS loader: what `require` goes through, and on Node and Deno `import` of a CommonJS module as well. */
interface Loader {
  _load(this: unknown, request: string, ...rest: readonly unknown[]): unknown;
  readonly _cache?: Readonly<Record<string, { readonly exports: unknown } | undefined>>;
}

/**
 * Hands over every copy of the named packages that this process has loaded or loads later; nothing is loaded for it.
 * Returns what ends that.
 *
 * `_load` is documented nowhere and kept patchable for this use: https://github.com/nodejs/require-in-the-middle
 */
export function onLoaded(names: Iterable<string>, found: (name: string, module: object) => void): () => void {
  const loader = process.getBuiltinModule('node:module') as unknown as Loader;
  const wanted = new Set(names);
  const offer = (request: string, module: unknown): void => {
    const name = packageOf(request);
    if (name !== undefined && wanted.has(name) && typeof module === 'object' && module !== null) found(name, module);
  };
  for (const [path, module] of Object.entries(loader._cache ?? {})) offer(path, module?.exports);

  const { _load: original } = loader;
  let active = true;
  const load: Loader['_load'] = function (request, ...rest) {
    const module = Reflect.apply(original, this, [request, ...rest]);
    if (active) offer(request, module);
    return module;
  };
  loader._load = load;
  return () => {
    active = false;
    if (loader._load === load) loader._load = original;
  };
}

/**
 * As `onLoaded`, for Bun, where an import passes no loader that could be watched: what the application has installed is
 * loaded now.
 */
export function onInstalled(names: Iterable<string>, found: (name: string, module: object) => void): () => void {
  const wanted = [...names];
  const stop = onLoaded(wanted, found);
  const load = process.getBuiltinModule('node:module').createRequire(`${process.cwd()}/`);
  for (const name of wanted) {
    try {
      found(name, load(name) as object);
    } catch {
      // Not installed here.
    }
  }
  return stop;
}

/** The package of which a request asks for the whole: `pg`, or the path of its main file. */
function packageOf(request: string): string | undefined {
  return /(?:^|[\\/]node_modules[\\/])([\w-]+)(?:[\\/]lib[\\/]index\.js)?$/.exec(request)?.[1];
}
