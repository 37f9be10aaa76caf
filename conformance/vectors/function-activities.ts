import { traced, type TracedOptions } from '../../bindings/node/index.ts';
import type { Activities } from './activities.ts';

const here = <F extends (...args: never[]) => unknown>(fn: F, options: TracedOptions = {}): F =>
  traced(fn, { module: 'acts', ...options });

const add = here(function add(a: number, b: number = 2) {
  return a + b;
});
const secret = here(function secret(value: number) {
  return { v: value };
}, { name: 'custom-name', captureArgs: false, captureResult: false });
const nothing = here(function nothing() {
  return null;
});
const longOne = here(function long_one(text: string) {
  return text;
});
const withObject = here(function with_obj<T extends object>(object: T, _more: object) {
  return object;
});
const boom = here(function boom(what: unknown): never {
  throw new ValueError(`boom ${String(what)}`);
});
const aget = here(async function aget(got: unknown, n: unknown = null) {
  return { got, n };
});
const outer = here(async function outer(what: unknown) {
  return [await aget(what), add(1)];
});

function messageOf(call: () => never): string {
  try {
    return call();
  } catch (error) {
    return (error as Error).message;
  }
}

class ValueError extends Error {
  override readonly name: string = 'ValueError';
}

/** Functions by `traced`, synchronous where the recorded ones are. */
export const functionActivities = (): Activities => ({
  traced_sync: async () => {
    const object = { toString: () => '<Obj>' };
    return [
      add(1),
      add(1, 5),
      secret(3),
      nothing(),
      longOne('y'.repeat(3980)).length,
      withObject(object, { k: { d: '2026-01-02' } }).toString(),
      messageOf(() => boom(4)),
    ];
  },
  traced_async: async () => [await aget({ q: 1 }), await outer('z')],
  traced_raises: async () => boom('unhandled'),
});
