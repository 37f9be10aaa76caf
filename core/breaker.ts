import type { Outcome } from './outcome.ts';
import type { Clock } from './ports/clock.ts';

/** Questions in a row without an answer after which Core counts as dead. */
export const FAILURES = 5;
/** After this long, one question looks whether it is back. */
export const COOLING_MS = 5000;

/**
 * Spares a dead Core its questions, and whoever asks them the wait: after five in a row that got no answer the next are
 * not put, but for one at a time every five seconds. What then becomes of them is a matter of the error policy. Contract §5.
 */
export interface Breaker {
  /**
   * Begins a question.
   *
   * @param always puts it whatever is known of Core
   */
  begin(always?: boolean): Begun;
}

/** The questions of an outage: what nobody was told of while it lasted. */
export interface Outage {
  /** Put, and without an answer. */
  readonly notAnswered: number;
  readonly notAsked: number;
}

/** A question that is put, and has to be ended; or the outcome of one that is not. */
export type Begun =
  | { readonly spared: Outcome }
  | {
      readonly spared?: undefined;
      /** Without an outcome where it was given up: nothing was learned then. */
      ended(outcome: Outcome | undefined): void;
    };

/** @param back called with the first answer after Core has counted as dead */
export function createBreaker(clock: Pick<Clock, 'monotonic'>, back: (outage: Outage) => void = () => {}): Breaker {
  let failures = 0;
  /** Since the last answer. */
  let notAnswered = 0;
  let notAsked = 0;
  /** How often Core has answered: a question put before the last time tells nothing by its failure. */
  let answers = 0;
  let last = '';
  let probing = false;
  let coolUntil = 0;

  return {
    begin(always = false) {
      const open = failures >= FAILURES;
      if (open && !always && (probing || clock.monotonic() < coolUntil)) {
        notAsked++;
        return { spared: spared(last) };
      }
      const probe = open && !always;
      const since = answers;
      if (probe) probing = true;
      return {
        ended(outcome) {
          if (probe) probing = false;
          const outage = outcome && isOutage(outcome);
          if (outage === false) {
            const over = failures >= FAILURES ? { notAnswered, notAsked } : undefined;
            failures = notAnswered = notAsked = 0;
            answers++;
            if (over !== undefined) back(over);
          }
          if (outage !== true || since !== answers) return;
          notAnswered++;
          // Those that were under way when it opened fail long after: they say nothing of now.
          if (failures >= FAILURES && !probe) return;
          failures++;
          if (outcome?.kind === 'unreachable') last = outcome.problem;
          coolUntil = clock.monotonic() + COOLING_MS;
        },
      };
    },
  };
}

/** Puts a question where the breaker lets it through. */
export async function throughBreaker(breaker: Breaker, always: boolean | undefined, ask: () => Promise<Outcome>): Promise<Outcome> {
  const begun = breaker.begin(always);
  if (begun.spared !== undefined) return begun.spared;
  let outcome: Outcome | undefined;
  try {
    return (outcome = await ask());
  } finally {
    begun.ended(outcome);
  }
}

/** As `throughBreaker`, while the calling thread waits. */
export function throughBreakerNow(breaker: Breaker, ask: () => Outcome): Outcome {
  const begun = breaker.begin();
  if (begun.spared !== undefined) return begun.spared;
  const outcome = ask();
  begun.ended(outcome);
  return outcome;
}

/** Whether Core is down; undefined where the outcome tells nothing of that. */
function isOutage(outcome: Outcome): boolean | undefined {
  if (outcome.kind === 'unaskable') return undefined;
  return outcome.kind === 'unreachable' ? outcome.outage : false;
}

function spared(last: string): Outcome {
  return { kind: 'unreachable', spared: true, problem: `not asked, after ${FAILURES} questions in a row without an answer (${last})` };
}
