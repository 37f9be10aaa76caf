import { readFileSync } from 'node:fs';
import { check } from '../contract/check.ts';
import {
  anyText, count, type Fields, flag, integer, json, type Kind, listOf, number, object, oneOf, optional, recordOf, text,
} from '../contract/kinds.ts';
import { type Fault, type Policy, VERDICT_FIELDS, type When } from './policy.ts';

const WHEN: Readonly<Record<keyof When, Kind>> = {
  call: anyOf(text),
  event_type: anyOf(text),
  activity_type: anyOf(text),
  activity_id: anyOf(text),
  workflow_type: anyOf(text),
  workflow_id: anyOf(text),
  signal_name: anyOf(text),
  attempt: anyOf(integer(1)),
  hook: anyOf(flag),
  hook_type: anyOf(text),
  stage: anyOf(text),
  http_method: anyOf(text),
  url: anyOf(text),
  url_starts: anyOf(text),
  url_ends: anyOf(text),
  path: anyOf(text),
  path_starts: anyOf(text),
  path_ends: anyOf(text),
  file_operation: anyOf(text),
  db_operation: anyOf(text),
  function: anyOf(text),
};

const FAULTS: readonly Fault[] = ['drop', 'reset', 'garbage', 'wrong_type', 'slow_body', 'huge', 'never'];

const ANSWER = object(
  optionals({
    status: integer(200, 599),
    json,
    text: anyText,
    headers: recordOf(anyText),
    delay_ms: count,
    ...Object.fromEntries(VERDICT_FIELDS.map((name) => [name, json])),
    approval_ttl_ms: number,
    approval_repeats: flag,
    fault: oneOf(FAULTS),
    body_ms: count,
    bytes: count,
  }),
  [
    {
      field: 'status',
      problem: `Expected a status, a fault or a field of a verdict (${VERDICT_FIELDS.join(', ')})`,
      holds: (answer) => ['status', 'json', 'text', 'fault', ...VERDICT_FIELDS].some((name) => name in answer),
    },
    {
      field: 'json',
      problem: 'Expected one body: json, text or the fields of a verdict',
      holds: (answer) => {
        const bodies = ['json' in answer, 'text' in answer, VERDICT_FIELDS.some((name) => name in answer)];
        return bodies.filter(Boolean).length < 2;
      },
    },
    {
      field: 'body_ms',
      problem: 'Expected with fault "slow_body" only',
      holds: (answer) => !('body_ms' in answer) || answer['fault'] === 'slow_body',
    },
    {
      field: 'bytes',
      problem: 'Expected with fault "huge" only',
      holds: (answer) => !('bytes' in answer) || answer['fault'] === 'huge',
    },
  ],
);

const RULE = object({ when: object(optionals(WHEN)), answer: ANSWER, times: optional(integer(1)) });

const POLICY = object({ words: optional(anyText), rules: optional(listOf(RULE)), default: optional(ANSWER) });

/** A policy, checked; a string is the path of a JSON file. Throws where it is malformed or can't be read. */
export function readPolicy(source: string | object): Policy {
  const value = typeof source === 'string' ? readJson(source) : source;
  refuseMalformed(POLICY, value, typeof source === 'string' ? `policy in "${source}"` : 'policy');
  return value as Policy;
}

function readJson(path: string): unknown {
  const written = readFileSync(path, 'utf8');
  try {
    return JSON.parse(written);
  } catch (cause) {
    throw new Error(`The policy in "${path}" is not JSON: ${(cause as Error).message}`, { cause });
  }
}

/** Throws where a `when` has a key that is not known: a wait on it would match everything or nothing. */
export function refuseMalformedMatch(when: When): void {
  refuseMalformed(object(optionals(WHEN)), when, 'match');
}

/** Throws an error that lists what is wrong with the value, if anything. */
export function refuseMalformed(kind: Kind, value: unknown, what: string): void {
  const violations = check(kind, value);
  if (violations.length === 0) return;
  const problems = violations.map(({ field, problem }) => `${field}: ${problem}`);
  throw new Error(`Malformed ${what}: ${problems.join('; ')}`);
}

function optionals(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, optional(field)]));
}

function anyOf(one: Kind): Kind {
  return {
    expected: `${one.expected}, or an array of such`,
    accepts: (value) => (Array.isArray(value) ? value.length > 0 && value.every(one.accepts) : one.accepts(value)),
  };
}
