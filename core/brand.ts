/**
 * `instanceof` that holds across copies of this package and across realms: a class is recognised by a symbol of the
 * global registry, not by identity (an ESM and a CommonJS copy in one process have two identities).
 */
export function brand(type: abstract new (...args: never[]) => object, name: string): void {
  const mark = Symbol.for(`openbox.error.${name}`);
  Object.defineProperty(type.prototype, mark, { value: true });
  Object.defineProperty(type.prototype, 'name', { value: name, writable: true, configurable: true });
  Object.defineProperty(type, Symbol.hasInstance, {
    value(this: unknown, candidate: unknown): boolean {
      if (this !== type) return Function.prototype[Symbol.hasInstance].call(this, candidate);
      return typeof candidate === 'object' && candidate !== null && mark in candidate;
    },
  });
}
