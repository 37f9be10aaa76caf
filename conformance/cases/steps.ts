import type { Asked } from '../surface.ts';

/** What was asked, in words, in order. */
export function steps(asked: readonly Asked[]): string[] {
  return asked.map(({ step }) => step);
}

/** The spans of one family, in order. */
export function spans(asked: readonly Asked[], hookType: string): Readonly<Record<string, unknown>>[] {
  return asked.flatMap(({ span }) => (span?.['hook_type'] === hookType ? [span] : []));
}
