import { deferred } from '../../core/test-support.ts';

/** What runs beside something that is stopped: it waits to be let go, makes an operation, and says how that ended. */
export interface Beside {
  readonly begun: Promise<void>;
  letGo(): void;
  readonly ended: Promise<string>;
  begin(): Promise<void>;
  end(how: string): void;
}

export function createBeside(): Beside {
  const [begun, go, ended] = [deferred<void>(), deferred<void>(), deferred<string>()];
  return { begun: begun.promise, letGo: () => go.resolve(), ended: ended.promise, begin: () => (begun.resolve(), go.promise), end: ended.resolve };
}
