/** What follows a call through its awaits: AsyncLocalStorage in most runtimes. */
export interface ContextStorage<T> {
  /** Without a value `body` runs in no context. */
  run<R>(value: T | undefined, body: () => R): R;
  get(): T | undefined;
}

/** Twin for tests: holds until what `body` returns has settled; enough where nothing runs in parallel. */
export function memoryContextStorage<T>(): ContextStorage<T> {
  let current: T | undefined;
  return {
    get: () => current,
    run: (value, body) => {
      const outer = current;
      current = value;
      const leave = (): void => void (current = outer);
      try {
        const result = body();
        if (result instanceof Promise) return result.finally(leave) as typeof result;
        leave();
        return result;
      } catch (error) {
        leave();
        throw error;
      }
    },
  };
}
