import type { Violation } from '../contract/check.ts';
import type { Fault } from './policy.ts';

/** The body of a request, as far as its fields have one type everywhere. */
export interface Payload {
  readonly event_type?: string;
  readonly workflow_id?: string;
  readonly run_id?: string;
  readonly workflow_type?: string;
  readonly activity_id?: string;
  readonly activity_type?: string;
  readonly attempt?: number;
  readonly spans?: readonly Readonly<Record<string, unknown>>[];
  readonly [field: string]: unknown;
}

/** What was answered. */
export interface Answered {
  /** Null where there was no answer. */
  readonly status: number | null;
  readonly json?: unknown;
  readonly text?: string;
  readonly fault?: Fault;
}

/** One request to the local Core. */
export interface CoreEvent {
  /** The request's number, from 1; it goes on counting after `clear()`. */
  readonly n: number;
  /** When it had arrived, in Unix milliseconds. */
  readonly at: number;
  readonly method: string;
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body; integers beyond 2^53 are bigints, `{}` where it is no JSON object. */
  readonly body: Payload;
  /** The body's text. */
  readonly raw: string;
  readonly answered: Answered;
  /** Where the request departs from the wire contract. */
  readonly violations: readonly Violation[];
}

/** The requests so far. */
export interface EventLog {
  /** Those with a number above `n`. */
  after(n: number): readonly CoreEvent[];
  add(event: Omit<CoreEvent, 'n' | 'at'>): void;
  /** The same as `after`, but where there are none it waits for one, `waitMs` at most. */
  next(n: number, waitMs: number): Promise<readonly CoreEvent[]>;
  clear(): void;
}

export function createEventLog(): EventLog {
  const events: CoreEvent[] = [];
  const waiting = new Set<() => void>();
  let last = 0;
  const after = (n: number): readonly CoreEvent[] => events.filter((event) => event.n > n);
  return {
    after,
    add(event) {
      last += 1;
      events.push({ n: last, at: Date.now(), ...event });
      for (const wake of waiting) wake();
    },
    async next(n, waitMs) {
      while (after(n).length === 0) {
        if (!(await arrival(waitMs))) break;
      }
      return after(n);
    },
    clear() {
      events.splice(0);
    },
  };

  function arrival(waitMs: number): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (arrived: boolean): void => {
        waiting.delete(wake);
        clearTimeout(timer);
        resolve(arrived);
      };
      const wake = (): void => end(true);
      const timer = setTimeout(() => end(false), waitMs).unref();
      waiting.add(wake);
    });
  }
}
