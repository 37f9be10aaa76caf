import type { Answer } from './answer.ts';

/**
 * What became of a question to Core. The two kinds of bad answer are never mixed up (contract §4):
 * `unreachable` goes by the error policy, `unfollowable` is refused under either.
 */
export type Outcome =
  | { readonly kind: 'answered'; readonly answer: Answer }
  | { readonly kind: 'unreachable'; readonly problem: string }
  | { readonly kind: 'unfollowable'; readonly problem: string }
  | { readonly kind: 'unauthorized'; readonly problem: string };
