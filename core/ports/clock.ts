/** Time, and waiting. */
export interface Clock {
  /** Unix milliseconds. */
  now(): number;
  /** Milliseconds that only ever grow, for durations; fractions count. */
  monotonic(): number;
  /** Resolves after `ms` milliseconds; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls back once after `ms` milliseconds, unless the returned function is called first. */
  after(ms: number, callback: () => void): () => void;
}

/** The clock of any runtime with the web's timers. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms);
    return () => clearTimeout(timer);
  },
  sleep: (ms, signal) =>
    new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const abort = (): void => {
        clearTimeout(timer);
        reject(signal?.reason);
      };
      const timer = setTimeout(() => {
        signal?.removeEventListener('abort', abort);
        resolve();
      }, ms);
      signal?.addEventListener('abort', abort, { once: true });
    }),
};

/** A clock that moves only when told to, or by being slept on. */
export interface ManualClock extends Clock {
  advance(ms: number): void;
  /** Every duration that was slept, in order. */
  readonly slept: readonly number[];
}

/** Twin of `systemClock` for tests: sleeping takes no time and moves the clock. */
export function manualClock(start: number = Date.UTC(2026, 0, 1)): ManualClock {
  let elapsed = 0;
  const slept: number[] = [];
  const timers = new Map<() => void, number>();
  const move = (ms: number): void => {
    elapsed += ms;
    for (const [callback, due] of timers) {
      if (due <= elapsed && timers.delete(callback)) callback();
    }
  };
  return {
    slept,
    advance: move,
    now: () => start + elapsed,
    monotonic: () => elapsed,
    sleep: async (ms, signal) => {
      signal?.throwIfAborted();
      slept.push(ms);
      move(ms);
    },
    after: (ms, callback) => {
      const once = (): void => callback();
      timers.set(once, elapsed + ms);
      return () => void timers.delete(once);
    },
  };
}
