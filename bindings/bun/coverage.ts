import type { CoverageRow } from '../../core/index.ts';
import { BUILTIN_COVERAGE } from '../adapters/builtin-coverage.ts';
import { impossible, open, under } from '../adapters/coverage-rows.ts';

/** Every route out of Bun. `docs/` and the tests are made from it. */
export const COVERAGE: readonly CoverageRow[] = [
  ...BUILTIN_COVERAGE,
  impossible('http_request', 'runtime-cannot', 'Bun.fetch', 'neither writable nor configurable, and not the global fetch', {
    link: 'https://github.com/oven-sh/bun/issues/26536',
  }),
  impossible('function_call', 'runtime-cannot', 'Bun.dns', 'neither writable nor configurable'),
  ...open('http_request', 'planned', ['undici, node-fetch, ws (of Bun itself)'], 'Bun replaces these packages by its own, which use neither fetch nor node:http'),
  ...open('db_query', 'planned', ['fetch of s3: URLs'], 'the global fetch reads them here'),
  ...open('file_operation', 'planned', under('Bun', 'file write mmap')),
  ...open('function_call', 'planned', under('Bun', 'spawn spawnSync $ connect listen udpSocket')),
  ...open('function_call', 'planned', ['bun:ffi', 'Worker']),
  ...open('db_query', 'planned', [...under('Bun', 'sql SQL redis RedisClient s3 S3Client'), 'bun:sqlite']),
];
