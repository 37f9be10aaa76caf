import type { Answer } from './answer.ts';

/**
 * What became of a question to Core. The two kinds of bad answer are never mixed up (contract §4):
 * `unreachable` goes by the error policy, `unfollowable` is refused under either.
 */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | {
      readonly kind: 'unreachable';
      readonly problem: string;
      /** Whether Core is down: false where it answered, but not this; undefined where nothing was learned of that. */
      readonly outage?: boolean | undefined;
      /** True where the question was not even put: the breaker is open. */
      readonly spared?: true;
    }
  | { readonly kind: 'unfollowable'; readonly problem: string }
  | { readonly kind: 'unauthorized'; readonly problem: string }
  /** There is no way to ask from here at all: Core has nothing to do with it. */
  | { readonly kind: 'unaskable'; readonly problem: string };
