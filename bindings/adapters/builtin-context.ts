import { type ContextStorage, type ProcessSlot, processSlot } from '../../core/index.ts';

/** Follows a call through its awaits. */
export function createContextStorage<T>(): ContextStorage<T> {
  const { AsyncLocalStorage } = process.getBuiltinModule('node:async_hooks');
  const storage = new AsyncLocalStorage<T | undefined>();
  return { run: (value, body) => storage.run(value, body), get: () => storage.getStore() };
}

/** What exists once in this process. */
export function builtinSlot(): ProcessSlot {
  return processSlot(createContextStorage);
}
