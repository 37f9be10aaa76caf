import type { CoverageRow } from '../../core/index.ts';
import { governed, impossible, open } from '../adapters/coverage-rows.ts';

const WAITS = 'nothing can wait synchronously here: denied with strict, else it runs unasked';

/** Every route out of workerd and its like. `docs/` and the tests are made from it. */
export const COVERAGE: readonly CoverageRow[] = [
  ...governed('http_request', 'fetch'),
  ...open('http_request', 'planned', ['WebSocket', 'EventSource']),
  {
    route: 'saved references',
    type: 'function_call',
    state: 'open',
    reason: 'needs-preload',
    note: 'functions taken before governance started; nothing can be loaded before a worker: start it first',
    cases: ['with the preload the report says that saved references are governed'],
  },
  impossible('function_call', 'runtime-cannot', 'cloudflare:sockets connect', 'an import of a module that cannot be changed; an outbound worker (globalOutbound) sees it'),
  ...open('db_query', 'planned', ['bindings of a worker (KV, D1, R2, queues, durable objects, services)']),
  ...open('db_query', 'planned', ['pg'], 'asked about where it is given as the option databases; not proved on workerd yet'),
  impossible('db_query', 'runtime-cannot', 'synchronous storage of durable objects', WAITS, {
    link: 'https://developers.cloudflare.com/durable-objects/api/sqlite-storage-api/',
  }),
  impossible('function_call', 'runtime-cannot', 'traced(function)', `${WAITS}; declared async or with the option async it is asked about`),
  {
    route: 'node:fs',
    type: 'file_operation',
    state: 'open',
    reason: 'planned',
    note: 'a file system in memory, of one isolate',
    cases: [
      'readFile and writeFile give two evaluations each, and count bytes',
      'open, read, write, close',
      'a failing open is told, and surfaces as the caller’s own error',
      'other methods carry their own name',
      'a blocked writeFile leaves nothing behind',
      'a blocked appendFile leaves nothing behind',
      'a blocked mkdir leaves nothing behind',
      'a blocked open leaves nothing behind',
      'a blocked rm leaves everything as it is',
      'a blocked unlink leaves everything as it is',
      'a blocked rename leaves everything as it is',
      'a block at completed withholds what was read',
      'paths are shown absolute and normalised',
      'content is shown only where capture is on',
      'outside an activity no file is asked about',
      'closing takes the patches off files',
      'fetch of a file: URL is a read, where the runtime has it',
      'with the preload every import form is governed, saved references too',
    ],
  },
];
