/** Any function whatever, as patching sees it. */
export type AnyFunction = (...args: never[]) => unknown;

/**
 * Makes `replacement` look like `original`: name, length, prototype chain and every own property (`promisify.custom`
 * and the like), so that code that looks at the function finds what it expects.
 */
export function imitate<F extends AnyFunction>(original: F, replacement: AnyFunction): F {
  Object.setPrototypeOf(replacement, Object.getPrototypeOf(original) as object | null);
  for (const key of Reflect.ownKeys(original)) {
    const own = Object.getOwnPropertyDescriptor(original, key);
    // What is fixed on functions of the old kind (`prototype`, `caller`) stays as it is.
    if (own !== undefined) Reflect.defineProperty(replacement, key, own);
  }
  return replacement as F;
}
