/** What Core may answer, from mildest to strongest. Contract §4. */
export type Verdict = 'allow' | 'constrain' | 'require_approval' | 'block' | 'halt';

/** In order of priority, mildest first; Core may also send the index as a number. */
export const VERDICTS: readonly Verdict[] = ['allow', 'constrain', 'require_approval', 'block', 'halt'];

const WORDS: ReadonlyMap<string, Verdict> = new Map<string, Verdict>([
  ...VERDICTS.map((verdict): [string, Verdict] => [verdict, verdict]),
  ['continue', 'allow'],
  ['request_approval', 'require_approval'],
  ['stop', 'halt'],
]);

/**
 * The verdict a word or number stands for; undefined where it stands for none.
 * Case is ignored and `-` reads as `_`; nothing unknown ever turns into `allow`.
 */
export function parseVerdict(word: unknown): Verdict | undefined {
  if (typeof word === 'number') return VERDICTS[word];
  if (typeof word !== 'string') return undefined;
  return WORDS.get(word.trim().toLowerCase().replaceAll('-', '_'));
}
