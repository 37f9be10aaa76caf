import type { Outcome } from '../outcome.ts';

/** Asks Core while the calling thread waits, for operations that cannot wait asynchronously. */
export interface SyncGate {
  /** Blocks up to `timeoutMs` milliseconds; never waits for anything the calling thread must finish. */
  evaluate(body: string, timeoutMs: number): Outcome;
  close(): Promise<void>;
}

/** Twin for tests: answers by a function and keeps what was asked. */
export function memorySyncGate(answer: (body: string) => Outcome): SyncGate & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    evaluate: (body) => {
      asked.push(body);
      return answer(body);
    },
    close: async () => {},
  };
}
