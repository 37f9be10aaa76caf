import type { AsyncLocalStorage } from 'node:async_hooks';
import type { ContextStorage } from '../../core/index.ts';

/** Makes contexts that follow a call through its awaits. */
export function contextsBy(Storage: typeof AsyncLocalStorage): <T>() => ContextStorage<T> {
  return <T>(): ContextStorage<T> => {
    const storage = new Storage<T | undefined>();
    return { run: (value, body) => storage.run(value, body), get: () => storage.getStore() };
  };
}
