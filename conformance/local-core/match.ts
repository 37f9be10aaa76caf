import { isObject, type JsonObject } from '../contract/kinds.ts';
import type { When } from './policy.ts';

/** What a rule looks at: the endpoint and the event. */
export interface Subject {
  readonly path: string;
  readonly body: JsonObject;
}

type Read = (subject: Subject) => unknown;
type Compare = (found: unknown, wanted: unknown) => boolean;

const same: Compare = (found, wanted) => found === wanted;
const starts: Compare = (found, wanted) => typeof found === 'string' && found.startsWith(String(wanted));
const ends: Compare = (found, wanted) => typeof found === 'string' && found.endsWith(String(wanted));

const KEYS: Readonly<Record<keyof When, readonly [Read, Compare]>> = {
  call: [(subject) => subject.path, ends],
  event_type: [ofBody('event_type'), same],
  activity_type: [ofBody('activity_type'), same],
  activity_id: [ofBody('activity_id'), same],
  workflow_type: [ofBody('workflow_type'), same],
  workflow_id: [ofBody('workflow_id'), same],
  signal_name: [ofBody('signal_name'), same],
  attempt: [ofBody('attempt'), same],
  hook: [(subject) => 'hook_trigger' in subject.body, same],
  hook_type: [ofSpan('hook_type'), same],
  stage: [ofSpan('stage'), same],
  http_method: [(subject) => plain(spanOf(subject.body)['http_method']), same],
  url: [ofSpan('http_url'), same],
  url_starts: [ofSpan('http_url'), starts],
  url_ends: [ofSpan('http_url'), ends],
  path: [ofSpan('file_path'), same],
  path_starts: [ofSpan('file_path'), starts],
  path_ends: [ofSpan('file_path'), ends],
  file_operation: [ofSpan('file_operation'), same],
  db_operation: [ofSpan('db_operation'), same],
  function: [ofSpan('function'), same],
};

/** Whether every key of `when` matches. */
export function matches(when: When, subject: Subject): boolean {
  return Object.entries(when).every(([key, wanted]) => {
    const [read, compare] = KEYS[key as keyof When];
    const found = read(subject);
    return [wanted].flat().some((each) => compare(found, each));
  });
}

/** The span of a hook evaluation; `{}` where there is none. */
export function spanOf(body: JsonObject): JsonObject {
  const spans = body['spans'];
  const span: unknown = Array.isArray(spans) ? spans[0] : undefined;
  return isObject(span) ? span : {};
}

function ofBody(name: string): Read {
  return (subject) => subject.body[name];
}

function ofSpan(name: string): Read {
  return (subject) => spanOf(subject.body)[name];
}

/** The Python SDK writes the method of some clients as the text of a bytes object, `b'GET'`. */
function plain(method: unknown): unknown {
  return typeof method === 'string' ? method.replace(/^b'(.*)'$/, '$1') : method;
}
