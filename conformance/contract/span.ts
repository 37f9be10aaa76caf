import { ATTRIBUTES } from './attributes.ts';
import {
  anyText, count, entry, equals, type Fields, integer, type Kind, kind, listOf, matching, nothing, object, oneOf,
  optional, orNull, recordOf, type Relation, secret, text, textUpTo,
} from './kinds.ts';
import { isAbsolutePath, isMasked, isMaskedUrl } from './values.ts';

const SPAN_ID = matching(/^[0-9a-f]{16}$/, '16 lower-case hex digits');
const TRACE_ID = matching(/^[0-9a-f]{32}$/, '32 lower-case hex digits');
/** Always a bigint here: 19 digits are beyond 2^53. */
const NANOSECONDS = kind(
  'Unix nanoseconds, an integer written with 19 digits',
  (value) => typeof value === 'bigint' && value >= 10n ** 18n && value < 10n ** 19n,
);

const HTTP_URL = secret(
  kind(
    'an absolute http, https, ws or wss URL whose userinfo and credential parameters are "[REDACTED]"',
    (value) =>
      typeof value === 'string' && /^(?:http|ws)s?:\/\//.test(value) && URL.canParse(value) && isMaskedUrl(new URL(value)),
  ),
);
const HEADER = secret(anyText);
const CREDENTIAL_HEADER = secret(equals('[REDACTED]'));
const HTTP_HEADERS: Kind = {
  ...recordOf(HEADER),
  fields: (headers) =>
    Object.fromEntries(Object.keys(headers).map((name) => [name, isMasked(name) ? CREDENTIAL_HEADER : HEADER])),
};

const SQL_SYSTEMS: ReadonlySet<unknown> = new Set(['postgresql', 'mysql', 'sqlite']);
const SQL_VERB = oneOf(
  'SELECT INSERT UPDATE DELETE CREATE DROP ALTER TRUNCATE BEGIN COMMIT ROLLBACK EXPLAIN UNKNOWN'.split(' '),
);

const CUT = '...[truncated]';

function cutJson(expected: string, start: string = ''): Kind {
  return kind(`${expected} of at most 2000 characters, or cut there and ended by "${CUT}"`, (value) => {
    if (typeof value !== 'string' || value.length > 2000 + CUT.length || !value.startsWith(start)) return false;
    return value.endsWith(CUT) || isJson(value);
  });
}

const COMMON: Fields = {
  span_id: SPAN_ID,
  trace_id: TRACE_ID,
  parent_span_id: orNull(SPAN_ID),
  name: text,
  start_time: NANOSECONDS,
  attributes: ATTRIBUTES,
  status: object({ code: oneOf(['UNSET', 'ERROR']), description: orNull(anyText) }),
  events: kind('an empty array', (value) => Array.isArray(value) && value.length === 0),
  activity_id: text,
};

const STAGES: Readonly<Record<string, Fields>> = {
  started: { end_time: nothing, duration_ns: nothing, error: nothing },
  completed: { end_time: NANOSECONDS, duration_ns: count, error: orNull(text) },
};

interface Family {
  readonly fields: Fields;
  /** What can't be known before the operation has run. */
  readonly nullAtStarted: readonly string[];
}

const FAMILIES: Readonly<Record<string, Family>> = {
  http_request: {
    fields: {
      kind: equals('CLIENT'),
      http_method: matching(/^(?!b'.*'$)[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'a method, such as GET'),
      http_url: HTTP_URL,
      request_headers: orNull(HTTP_HEADERS),
      request_body: orNull(anyText),
      response_headers: orNull(HTTP_HEADERS),
      response_body: orNull(anyText),
      http_status_code: orNull(integer(100, 999)),
    },
    nullAtStarted: ['response_headers', 'response_body', 'http_status_code'],
  },
  db_query: {
    fields: {
      kind: equals('CLIENT'),
      db_system: text,
      db_name: orNull(text),
      db_operation: text,
      db_statement: orNull(textUpTo(2000)),
      server_address: orNull(text),
      server_port: orNull(integer(1, 65_535)),
      rowcount: orNull(count),
    },
    nullAtStarted: ['rowcount'],
  },
  file_operation: {
    fields: {
      kind: equals('INTERNAL'),
      file_path: kind('an absolute, normalised path', (value) => typeof value === 'string' && isAbsolutePath(value)),
      file_mode: orNull(text),
      file_operation: text,
      bytes_read: orNull(count),
      bytes_written: orNull(count),
      data: optional(anyText),
      lines_count: optional(count),
      operations: optional(listOf(text)),
    },
    // Not bytes_written: what a write is about to write is known.
    nullAtStarted: ['bytes_read'],
  },
  function_call: {
    fields: {
      kind: equals('INTERNAL'),
      function: text,
      module: orNull(text),
      args: orNull(cutJson('JSON text of the array of arguments', '[')),
      result: orNull(cutJson('JSON text')),
    },
    nullAtStarted: ['result'],
  },
};

const RELATIONS: readonly Relation[] = [
  {
    field: 'end_time',
    problem: 'Expected a time not before start_time',
    holds: (span) => span['end_time'] === null || (span['end_time'] as bigint) >= (span['start_time'] as bigint),
  },
  {
    field: 'error',
    problem: 'Expected error "HTTP <status>" for a status of 400 or more',
    holds: (span) =>
      !(Number(span['http_status_code']) >= 400) || span['error'] === `HTTP ${String(span['http_status_code'])}`,
  },
  {
    field: 'status.code',
    problem: 'Expected "ERROR" where error is set, and "UNSET" where it is null',
    holds: (span) => (span['error'] !== null) === ((span['status'] as { code: unknown }).code === 'ERROR'),
  },
  {
    field: 'db_operation',
    problem: `Expected ${SQL_VERB.expected}`,
    holds: (span) => !SQL_SYSTEMS.has(span['db_system']) || SQL_VERB.accepts(span['db_operation']),
  },
  {
    field: 'operations',
    problem: 'Expected at "close" only',
    holds: (span) => !('operations' in span) || span['file_operation'] === 'close',
  },
];

/** The one span of a hook evaluation: the common fields, those of its stage and of its family, no others (Contract §3.1). */
export const SPAN: Kind = object((span) => {
  const family = entry(FAMILIES, span['hook_type']);
  const stage = entry(STAGES, span['stage']);
  return {
    hook_type: oneOf(Object.keys(FAMILIES)),
    stage: oneOf(Object.keys(STAGES)),
    ...COMMON,
    ...stage,
    ...family?.fields,
    ...(span['stage'] === 'started' && Object.fromEntries((family?.nullAtStarted ?? []).map((name) => [name, nothing]))),
  };
}, RELATIONS);

function isJson(value: string): boolean {
  try {
    JSON.parse(value);
    return true;
  } catch {
    return false;
  }
}
