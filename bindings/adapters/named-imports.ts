import type { Patch } from './wrap.ts';

/** Imports of the built-in modules whose functions are patched, by name. */
export type BuiltinImports = Readonly<Record<string, () => Promise<object>>>;

/**
 * The routes whose named imports show something else than the patch: on Bun and Deno the first import of a built-in
 * module copies its exports, and one that came before the patch keeps what was there. Where nobody has imported the
 * module yet, this import does, and later ones get the patch.
 */
export async function boundBeforePatch(patches: readonly Patch[], imports: BuiltinImports): Promise<string[]> {
  const modules = await Promise.all(
    Object.entries(imports).map(async ([specifier, load]) => [process.getBuiltinModule(specifier), await load()] as const),
  );
  return patches.flatMap(({ route, target, name }) => {
    const [, namespace] = modules.find(([module]) => module === target) ?? [];
    return namespace === undefined || Reflect.get(namespace, name) === Reflect.get(target, name) ? [] : [route];
  });
}
