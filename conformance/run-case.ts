import type { CoverageRow } from '../core/index.ts';
import type { Case } from './surface.ts';

/** Why a case cannot pass on a runtime, by its id: from the coverage table of that runtime's binding. */
export function gapsOf(coverage: readonly CoverageRow[]): ReadonlyMap<string, CoverageRow> {
  return new Map(coverage.flatMap((row) => (row.cases ?? []).map((id) => [id, row] as const)));
}

/**
 * Runs a case. One that the table declares as a gap runs too and has to fail: when it passes, the table is out of date.
 * Resolves with the gap, undefined for a case that has passed.
 */
export async function runCase(
  run: (testCase: Case) => Promise<void>,
  testCase: Case,
  gaps: ReadonlyMap<string, CoverageRow>,
): Promise<CoverageRow | undefined> {
  const gap = gaps.get(testCase.id);
  if (gap === undefined) {
    await run(testCase);
    return undefined;
  }
  const failed = await run(testCase).then(
    () => false,
    () => true,
  );
  if (!failed) throw new Error(`"${testCase.id}" passes although route "${gap.route}" declares it as a gap: expected it to fail; take it off the coverage table`);
  return gap;
}
