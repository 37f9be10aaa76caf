import type { Outcome } from '../outcome.ts';

/** Asks Core while the calling thread waits, for operations that cannot wait asynchronously. */
export interface SyncGate {
  /** True while the gate itself works on the calling thread: what it does there is nobody's operation. */
  readonly working: boolean;
  /**
   * Blocks up to `timeoutMs` milliseconds; never waits for anything the calling thread must finish, and never throws.
   * `unaskable` where the gate itself does not work.
   */
  evaluate(body: string, timeoutMs: number): Outcome;
  /** Ends what it holds; a question asked later is `unreachable`. */
  close(): Promise<void>;
}

/** Twin for tests: answers by a function and keeps what was asked. */
export function memorySyncGate(answer: (body: string) => Outcome): SyncGate & { readonly asked: string[] } {
  const asked: string[] = [];
  return {
    asked,
    working: false,
    evaluate: (body) => {
      asked.push(body);
      return answer(body);
    },
    close: async () => {},
  };
}
