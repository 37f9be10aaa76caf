import type { CoverageRow } from '../../core/index.ts';
import { BUILTIN_COVERAGE } from '../adapters/builtin-coverage.ts';
import { open, under } from '../adapters/coverage-rows.ts';

/** Every route out of Deno. `docs/` and the tests are made from it. */
export const COVERAGE: readonly CoverageRow[] = [
  ...BUILTIN_COVERAGE,
  ...open(
    'file_operation',
    'planned',
    under('Deno', 'readTextFile readFile writeTextFile writeFile open create remove rename mkdir readDir stat lstat copyFile FsFile watchFs'),
    'node:fs does not go through them',
  ),
  ...open('function_call', 'planned', [...under('Deno', '*Sync Command run connect connectTls listen listenDatagram dlopen'), 'Worker']),
  ...open('function_call', 'planned', under('Deno', 'resolveDns createHttpClient')),
  ...open('db_query', 'planned', ['Deno.openKv']),
];
