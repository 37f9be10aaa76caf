import { isObject, type JsonObject } from '../contract/kinds.ts';
import { spanOf } from '../local-core/match.ts';
import type { Exchange, Traffic } from './recording.ts';

/** One request, or one outcome, in a form that two runs can be compared in. */
export interface Step {
  /** What it is about: `http started GET /hello`. */
  readonly label: string;
  readonly fields: JsonObject;
}

/** The steps by what they belong to: one workflow run, one activity, the start, the outcome. */
export type Comparable = ReadonlyMap<string, readonly Step[]>;

/** Values that differ from run to run: what is left of them is their kind. Others, null among them, stay. */
const VOLATILE: Readonly<Record<string, (value: unknown) => unknown>> = {
  timestamp: (value) => (/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(value)) ? '<time>' : value),
  start_time: moment,
  end_time: moment,
  duration_ms: (value) => (typeof value === 'number' ? '<milliseconds>' : value),
  duration_ns: (value) => (typeof value === 'number' ? '<nanoseconds>' : value),
  trace_id: (value) => (/^[0-9a-f]{32}$/.test(String(value)) ? '<trace>' : value),
  date: () => '<date>',
  traceparent: () => '<traceparent>',
  host: () => '<host>',
  server_port: port,
  'server.port': port,
  activity_id: (value) => (/^\d+$/.test(String(value)) ? '<activity>' : value),
  'user-agent': versioned,
  'x-openbox-sdk-version': versioned,
  authorization: (value) => String(value).replace(/^Bearer obx_test_.*/, 'Bearer <key>'),
};

/** Names of headers compare without case. */
const HEADERS: ReadonlySet<string> = new Set(['headers', 'request_headers', 'response_headers']);

/** A run without what differs from run to run, for recordings and for our own runs alike. */
export function normalize({ requests, outcome }: Traffic): Comparable {
  const names = namesOf(requests);
  const activities = activitiesOf(requests);
  const streams = new Map<string, Step[]>();
  const spans = new Map<string, string>();
  for (const request of requests) {
    const { path, headers, body, answered } = request;
    const stream = streamOf(request, names, activities);
    const steps = streams.get(stream) ?? [];
    streams.set(stream, steps);
    const label = labelOf(path, body);
    const { span_id: id } = body === null ? {} : spanOf(body);
    // The first step that has an id names it.
    if (typeof id === 'string' && !spans.has(id)) spans.set(id, `<span of ${label}>`);
    steps.push({ label, fields: tidy({ headers: ofContract(headers), ...flat(body), answered }, names, spans) });
  }
  const workflows = outcome.workflows.map(({ workflow_id: _, history, ...fields }, index) => ({
    label: `end of workflow ${index + 1}`,
    fields: tidy({ ...fields, took_s: undefined, workflow: undefined, patches: patchesOf(history) }, names, spans),
  }));
  const { api_key_found_in_history } = outcome;
  // In parallel they come as they come; the order of each activity's own shows in its spans.
  const target_server_hits = [...outcome.target_server_hits].sort();
  streams.set('outcome', [...workflows, { label: 'outcome', fields: { target_server_hits, api_key_found_in_history } }]);
  return streams;
}

/** The ids of the patches in a history: what the workflow was replayed by. */
const patchesOf = (history: readonly string[]): readonly string[] =>
  history.flatMap((line) => /^MARKER_RECORDED core_patch .*"id":"([^"]+)"/.exec(line)?.[1] ?? []);

type Names = readonly (readonly [id: string, name: string])[];

/** Ids and the names they get, in the order in which they turn up; the longest comes first, for one may begin another. */
function namesOf(requests: readonly Exchange[]): Names {
  const numbered = (field: string, what: string): Names => {
    const values = new Set(requests.map(({ body }) => body?.[field]).filter((value) => typeof value === 'string'));
    return [...values].map((value, index) => [value, `<${what} ${index + 1}>`] as const);
  };
  const all = [...numbered('workflow_id', 'workflow'), ...numbered('run_id', 'run'), ...numbered('task_queue', 'task queue')];
  return all.sort(([one], [other]) => other.length - one.length);
}

type Activities = ReadonlyMap<string, string>;

const activityOf = ({ body }: Exchange): string => JSON.stringify([body?.['run_id'], body?.['activity_id']]);

/** The activities of each run by type and, where there are several of one, by number: their ids count what else was scheduled. */
function activitiesOf(requests: readonly Exchange[]): Activities {
  const names = new Map<string, string>();
  const counts = new Map<string, number>();
  for (const request of requests) {
    const { run_id: run, activity_type: type } = request.body ?? {};
    if (typeof type !== 'string' || names.has(activityOf(request))) continue;
    const kind = `${String(run)} ${type}`;
    const count = (counts.get(kind) ?? 0) + 1;
    counts.set(kind, count);
    names.set(activityOf(request), count === 1 ? type : `${type} ${count}`);
  }
  return names;
}

function streamOf(request: Exchange, names: Names, activities: Activities): string {
  const { body } = request;
  if (body === null) return 'start';
  const run = names.find(([id]) => id === body['run_id'])?.[1].slice(1, -1) ?? 'no run';
  return body['activity_id'] === undefined ? run : `${run}, ${activities.get(activityOf(request)) ?? 'an activity that never started'}`;
}

const FAMILIES: Readonly<Record<string, string>> = { http_request: 'http', file_operation: 'file', function_call: 'function', db_query: 'db' };
/** Calls that one language has and the other has not. */
const FILE_CALLS: Readonly<Record<string, string>> = { readline: 'read', readlines: 'read', writelines: 'write' };

function labelOf(path: string, body: JsonObject | null): string {
  if (!path.endsWith('/evaluate') || body === null) return path.slice(path.lastIndexOf('/') + 1);
  if (body['hook_trigger'] !== true) return [body['event_type'], body['signal_name']].filter((part) => typeof part === 'string').join(' ');
  const span = spanOf(body);
  const text = (name: string): string => String(span[name]);
  const about: Readonly<Record<string, () => string>> = {
    http_request: () => `${text('http_method').replace(/^b'(.*)'$/, '$1')} ${text('http_url').replace(/^.*:\d+/, '')}`,
    file_operation: () => `${FILE_CALLS[text('file_operation')] ?? text('file_operation')} ${text('file_path').replace(/^.*\//, '')}`,
    // Python tells the name of the function beside the one it was given.
    function_call: () => text('name'),
    // Not `db_operation`: the two do not look through comments alike.
    db_query: () => text('db_statement').replace(/^\/\*.*?\*\/\s*/s, '').replace(/\W.*$/s, '').toUpperCase(),
  };
  const type = text('hook_type');
  return `${FAMILIES[type] ?? type} ${text('stage')} ${about[type]?.() ?? ''}`;
}

/** The one span of a question stands beside its fields. */
function flat(body: JsonObject | null): JsonObject {
  if (body === null) return {};
  const { spans, ...rest } = body;
  return body['hook_trigger'] === true ? { ...rest, span: spanOf(body) } : body;
}

function tidy(value: JsonObject, names: Names, spans: ReadonlyMap<string, string>): JsonObject {
  const named = (text: string): string => {
    if (spans.has(text)) return spans.get(text) ?? text;
    const known = names.reduce((sofar, [id, name]) => sofar.replaceAll(id, name), text);
    // Nothing listens on port 9, and nothing ever will.
    return known.replaceAll(/127\.0\.0\.1:(?!9\b)\d+/g, '127.0.0.1:<port>');
  };
  const walk = (key: string, one: unknown): unknown => {
    const changed = VOLATILE[key]?.(one) ?? one;
    if (typeof changed === 'string') return key.endsWith('span_id') && !spans.has(changed) ? '<a span of no step>' : named(changed);
    if (Array.isArray(changed)) return changed.map((item) => walk('', item));
    if (!isObject(changed)) return changed;
    const fields = Object.entries(changed).filter(([, field]) => field !== undefined);
    return Object.fromEntries(fields.map(([name, field]) => [HEADERS.has(key) ? name.toLowerCase() : name, walk(name.toLowerCase(), field)]));
  };
  return walk('', value) as JsonObject;
}

/** The others are the HTTP client's own. */
const OF_CONTRACT: ReadonlySet<string> = new Set(['authorization', 'user-agent', 'x-openbox-sdk-version', 'content-type']);

function ofContract(headers: Exchange['headers']): Exchange['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => OF_CONTRACT.has(name.toLowerCase())));
}

/** Our own version changes with every release. */
function versioned(value: unknown): unknown {
  return typeof value === 'string' ? value.replace(/-v\d\S*$/, '-v<version>') : value;
}

function port(value: unknown): unknown {
  return Number.isInteger(value) ? '<port>' : value;
}

/** Seconds of an event or nanoseconds of a span. */
function moment(value: unknown): unknown {
  if (typeof value === 'bigint') return '<nanoseconds>';
  return typeof value === 'number' ? '<seconds>' : value;
}
