import { afterwards } from './driver.ts';
import { undoes } from './sql.ts';

/** `Client`, as far as it is used here; the native one has the same. */
export interface PgClient {
  readonly database?: unknown;
  readonly host?: unknown;
  readonly port?: unknown;
  readonly connection?: { readonly parsedStatements?: object; readonly submittedNamedStatements?: object };
}

/** What the client sends itself: `Query`, `pg-cursor`, `pg-query-stream`, `pg-copy-streams`. */
export interface Submittable {
  callback?: unknown;
  submit(connection: unknown): unknown;
  handleError?(error: unknown, connection: unknown): void;
}

export type Prepare = (value: unknown) => unknown;

type Callback = (error: unknown, result?: unknown) => void;

/** One call of `Client.prototype.query`, read once: nothing that its caller changes later reaches it. */
export interface PgCall {
  readonly text: string;
  readonly values: unknown;
  /** Takes a transaction back and does nothing else. */
  readonly undoes: boolean;
  readonly submittable?: Submittable;
  /** Calls the original with what was read. */
  send(original: (argument: unknown) => unknown): unknown;
  /** What the call returns, and how its outcome reaches the caller: by promise, callback, or the submittable's own ways. */
  answer(outcome: Promise<unknown>): unknown;
}

/** The fields of a query's config; a class may have them as getters. */
const FIELDS = ['text', 'values', 'name', 'rowMode', 'types', 'rows', 'queryMode', 'binary', 'portal', 'query_timeout', 'callback'];

/** Reads the arguments of a call; `prepare` is `pg.utils.prepareValue`, which older versions keep to themselves. */
export function readCall(client: PgClient, [given, values, callback]: readonly unknown[], prepare: Prepare | undefined): PgCall {
  if (isSubmittable(given)) return readSubmittable(client, given, [values, callback], prepare);
  const config: Record<string, unknown> = typeof given === 'string' ? { text: given } : readFields(Object(given) as Record<string, unknown>);
  const called = [callback, typeof values === 'function' ? values : undefined, config['callback']].find(Boolean) as Callback | undefined;
  if (called !== undefined && typeof called !== 'function') throw new TypeError('callback is not a function');
  if (values && typeof values !== 'function') config['values'] = values;
  // Anything else would be turned into text later, and not only once.
  if (typeof config['text'] !== 'string') delete config['text'];
  delete config['callback'];
  delete config['submit'];
  const failure = copyValues(config, prepare);
  return {
    text: statementOf(client, config['text'], config['name']),
    values: config['values'],
    undoes: config['name'] === undefined && typeof config['text'] === 'string' && undoes(config['text']),
    send(original) {
      if (failure !== undefined) throw failure.error;
      return original(config);
    },
    answer(outcome) {
      if (called === undefined) return outcome;
      void afterwards(outcome, (result) => called(null, result), called);
      return undefined;
    },
  };
}

function readFields(given: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const copy = { ...given };
  for (const field of FIELDS) if (!(field in copy)) copy[field] = given[field];
  return copy;
}

/** What a value throws is the query's own failure. */
function copyValues(config: Record<string, unknown>, prepare: Prepare | undefined): { readonly error: unknown } | undefined {
  const { values } = config;
  try {
    if (Array.isArray(values)) config['values'] = values.map((value) => snapshot(value, prepare));
    return undefined;
  } catch (error) {
    return { error };
  }
}

/** The statements that names have stood for in calls, also those that wait and which the client has not seen. */
const named = new WeakMap<PgClient, Map<string, string>>();

/** The text of a statement; one without text is prepared, and goes by its name. */
function statementOf(client: PgClient, text: unknown, name: unknown): string {
  const given = typeof text === 'string' ? text : '';
  if (typeof name !== 'string') return given;
  const { connection } = client;
  const names = named.get(client) ?? new Map<string, string>();
  if (given !== '') named.set(client, names.set(name, given));
  const known = { ...connection?.submittedNamedStatements, ...connection?.parsedStatements } as Record<string, unknown>;
  return [given, known[name], names.get(name)].find((one): one is string => typeof one === 'string' && one !== '') ?? '';
}

function readSubmittable(client: PgClient, submittable: Submittable, rest: readonly unknown[], prepare: Prepare | undefined): PgCall {
  const { connection } = client;
  const inner = innerOf(submittable) as { text?: unknown; name?: unknown; values?: unknown };
  const { text, name } = inner;
  const values = Array.isArray(inner.values) ? inner.values.map((value) => snapshot(value, prepare)) : inner.values;
  submittable.callback ??= rest.find((arg) => typeof arg === 'function');
  return {
    text: statementOf(client, text, name),
    values,
    undoes: false,
    submittable,
    send(original) {
      if ('text' in inner) inner.text = text;
      if ('name' in inner) inner.name = name;
      if ('values' in inner) inner.values = values;
      return original(submittable);
    },
    answer(outcome) {
      outcome.catch((error: unknown) => submittable.handleError?.(error, connection));
      return submittable;
    },
  };
}

/** What holds the statement: a stream has a cursor inside. */
export function innerOf(submittable: Submittable): object {
  const { cursor } = submittable as { cursor?: unknown };
  return typeof cursor === 'object' && cursor !== null ? cursor : submittable;
}

/** A bound value as it is now: objects become the text that pg would make of them later. */
function snapshot(value: unknown, prepare: Prepare | undefined): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (ArrayBuffer.isView(value)) return copyBytes(value);
  if (Array.isArray(value)) return value.map((item) => snapshot(item, prepare));
  if (Object.prototype.toString.call(value) === '[object Date]') return new Date(value as Date);
  if (typeof (value as { toPostgres?: unknown }).toPostgres !== 'function') return JSON.stringify(value);
  return prepare === undefined ? value : snapshot(prepare(value), undefined);
}

/** A Buffer stays one: inside of arrays some versions of pg know no other bytes. */
function copyBytes(view: ArrayBufferView): Uint8Array {
  const copy = new Uint8Array(view.buffer, view.byteOffset, view.byteLength).slice();
  return view instanceof Uint8Array ? (Object.setPrototypeOf(copy, Object.getPrototypeOf(view) as object) as Uint8Array) : copy;
}

function isSubmittable(value: unknown): value is Submittable {
  return typeof value === 'object' && value !== null && typeof (value as Submittable).submit === 'function';
}
