import { traced, type TracedOptions } from '../../bindings/node/index.ts';
import type { Activities } from './activities.ts';

const here = <F extends (...args: never[]) => Promise<unknown>>(fn: F, options: TracedOptions = {}): F =>
  traced(fn, { module: 'acts', ...options });

const add = here(async function add(a: number, b: number = 2) {
  return a + b;
});
const secret = here(async function secret(value: number) {
  return { v: value };
}, { name: 'custom-name', captureArgs: false, captureResult: false });
const nothing = here(async function nothing() {
  return null;
});
const longOne = here(async function long_one(text: string) {
  return text;
});
const withObject = here(async function with_obj<T extends object>(object: T, _more: object) {
  return object;
});
const boom = here(async function boom(what: unknown) {
  throw new ValueError(`boom ${String(what)}`);
});
const aget = here(async function aget(got: unknown, n: unknown = null) {
  return { got, n };
});
const outer = here(async function outer(what: unknown) {
  return [await aget(what), await add(1)];
});

class ValueError extends Error {
  override readonly name: string = 'ValueError';
}

/** Functions by `traced`, all of them asynchronous: what is recorded of a function does not tell the two apart. */
export const functionActivities = (): Activities => ({
  traced_sync: async () => {
    const object = { toString: () => '<Obj>' };
    return [
      await add(1),
      await add(1, 5),
      await secret(3),
      await nothing(),
      (await longOne('y'.repeat(3980))).length,
      (await withObject(object, { k: { d: '2026-01-02' } })).toString(),
      await boom(4).catch((error: Error) => error.message),
    ];
  },
  traced_async: async () => [await aget({ q: 1 }), await outer('z')],
  traced_raises: () => boom('unhandled'),
});
