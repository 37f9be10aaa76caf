import type { CoverageRow } from '../../core/index.ts';
import { governed, impossible, open } from '../adapters/coverage-rows.ts';

const WAITS = 'nothing can wait synchronously here: denied with strict, else it runs unasked';

/** Every route out of workerd and its like. `docs/` and the tests are made from it. */
export const COVERAGE: readonly CoverageRow[] = [
  ...governed('http_request', 'fetch'),
  ...open('http_request', 'planned', ['WebSocket', 'EventSource']),
  impossible('function_call', 'runtime-cannot', 'cloudflare:sockets connect', 'an import of a module that cannot be changed; an outbound worker (globalOutbound) sees it'),
  ...open('db_query', 'planned', ['bindings of a worker (KV, D1, R2, queues, durable objects, services)']),
  impossible('db_query', 'runtime-cannot', 'synchronous storage of durable objects', WAITS, {
    link: 'https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/',
  }),
  impossible('function_call', 'runtime-cannot', 'traced(function)', `${WAITS}; declared async or with the option async it is asked about`),
  ...open('file_operation', 'planned', ['node:fs'], 'a file system in memory, of one isolate'),
];
