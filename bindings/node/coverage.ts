import type { CoverageRow } from '../../core/index.ts';
import { BUILTIN_COVERAGE } from '../adapters/builtin-coverage.ts';

/** Every route out of Node. `docs/` and the tests are made from it. */
export const COVERAGE: readonly CoverageRow[] = BUILTIN_COVERAGE;
