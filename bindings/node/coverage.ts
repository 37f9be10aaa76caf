import type { CoverageRow } from '../../core/index.ts';
import { BUILTIN_COVERAGE } from '../adapters/builtin-coverage.ts';
import { impossible } from '../adapters/coverage-rows.ts';

/** Every route out of Node. `docs/` and the tests are made from it. */
export const COVERAGE: readonly CoverageRow[] = [
  ...BUILTIN_COVERAGE,
  impossible('file_operation', 'runtime-cannot', 'fetch of file: URLs', 'refused by the runtime itself', {
    cases: ['fetch of a file: URL is a read, where the runtime has it'],
  }),
];
