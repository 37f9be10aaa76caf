import { isRecord } from './is-record.ts';
import { CIRCULAR, read, standIn, TRUNCATED, UNREADABLE } from './json-values.ts';
import { toJson } from './json.ts';
import { printable } from './text.ts';

/** The redacted value, or why the redaction can't be applied; then the answer is refused (Contract §4). */
export type Redaction<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly problem: string };

/**
 * The arguments with a guardrails answer applied: `redacted` is a list as long as the arguments, or one value standing for
 * the single argument. Objects keep their class and the fields that the answer does not mention; nothing is changed in place.
 */
export function redactArguments(args: readonly unknown[], redacted: unknown): Redaction<readonly unknown[]> {
  return attempt(() => {
    if (isForSingle(args, redacted)) return [merge(args[0], redacted, 'argument 1')];
    if (!Array.isArray(redacted)) throw new Misfit(`the arguments are ${args.length}, the redaction one value`);
    if (redacted.length !== args.length) {
      throw new Misfit(`the arguments are ${args.length}, the redaction a list of ${redacted.length}`);
    }
    return args.map((argument, i) => merge(argument, redacted[i], `argument ${i + 1}`));
  });
}

/** Whether `redacted` stands for the single argument itself. A list for a list can mean either: the one that fits. */
function isForSingle(args: readonly unknown[], redacted: unknown): boolean {
  if (args.length !== 1 || !Array.isArray(redacted)) return args.length === 1;
  const fitsAsList = redacted.length === 1 && (Array.isArray(redacted[0]) || redacted[0] === null);
  return Array.isArray(args[0]) && !fitsAsList;
}

/** The output with a guardrails answer applied, by the rules of `redactArguments`: bare, or as a list of one. */
export function redactValue(value: unknown, redacted: unknown): Redaction<unknown> {
  const bare = attempt(() => merge(value, redacted, 'output'));
  if (bare.ok || !Array.isArray(redacted) || redacted.length !== 1) return bare;
  return attempt(() => merge(value, redacted[0], 'output'));
}

class Misfit extends Error {}

function attempt<T>(apply: () => T): Redaction<T> {
  try {
    return { ok: true, value: apply() };
  } catch (error) {
    // A getter's or proxy's own message may hold the very data that was to be redacted.
    const why = error instanceof Misfit ? error.message : 'the value cannot be read or copied';
    return { ok: false, problem: `redaction does not fit: ${why}` };
  }
}

function merge(value: unknown, redacted: unknown, path: string): unknown {
  if (!isObject(value) || redacted === null) return mergePrimitive(value, redacted, path);
  // Core sends back the marks of what it was never shown.
  if (MARKS.has(redacted)) return value;
  if (Array.isArray(value)) {
    return Array.isArray(redacted) ? mergeArray(value, redacted, path) : misfit(value, redacted, path);
  }
  if (standIn(value, '', 0) !== value) return mergeConverted(value, redacted, path);
  return isRecord(redacted) ? mergeFields(value, Object.entries(redacted), path) : misfit(value, redacted, path);
}

function mergePrimitive(value: unknown, redacted: unknown, path: string): unknown {
  // What Core saw and sent back as it was: the original, which may be more (a BigInt, NaN, a long text's tail).
  if (!isObject(value) && isSame(shown(value), redacted)) return value;
  const cutOff = typeof redacted === 'string' && redacted.endsWith(TRUNCATED);
  const unlike = isObject(redacted) && value !== undefined && value !== null;
  return cutOff || unlike ? misfit(value, redacted, path) : redacted;
}

/** Arrays are replaced whole; an item that Core sent back as it saw it is the original. */
function mergeArray(value: readonly unknown[], redacted: readonly unknown[], path: string): readonly unknown[] {
  const seen = shown(value) as readonly unknown[];
  const kept = (item: unknown, i: number): boolean => i < value.length && isSame(seen[i], item);
  if (redacted.every(kept) && redacted.length === value.length) return value;
  if (redacted.at(-1) === TRUNCATED) {
    // Core saw the beginning only: what it would have said of the rest is not known.
    return redacted.slice(0, -1).every(kept) ? value : misfit(value, redacted, path);
  }
  return redacted.map((item, i) => (kept(item, i) ? value[i] : item));
}

type Entries = readonly (readonly [string, unknown])[];

function mergeFields(value: object, redacted: Entries, path: string): object {
  const changes: [string, unknown][] = [];
  for (const [key, item] of redacted) {
    const before = Object.hasOwn(value, key) ? read(value, key) : undefined;
    const after = key === TRUNCATED ? before : merge(before, item, `${path}.${key}`);
    if (!Object.is(before, after)) changes.push([key, after]);
  }
  return changes.length === 0 ? value : copyWith(value, changes);
}

/** A copy of the same class. By property descriptors: no constructor and no setter runs, getters and hidden fields stay. */
function copyWith(value: object, changes: Entries): object {
  const fields: Record<string, PropertyDescriptor> = Object.getOwnPropertyDescriptors(value);
  for (const [key, changed] of changes) {
    const enumerable = Object.getOwnPropertyDescriptor(value, key)?.enumerable ?? true;
    const field = { value: changed, enumerable, writable: true, configurable: true };
    // Not by assignment: a key `__proto__` in Core's answer is data.
    Object.defineProperty(fields, key, { value: field, enumerable: true, configurable: true });
  }
  return Object.create(Object.getPrototypeOf(value) as object | null, fields) as object;
}

/** For a value that Core saw as something else than its own fields: a Date, Map, Set, Error, binary, or one with `toJSON`. */
function mergeConverted(value: object, redacted: unknown, path: string): unknown {
  const seen = shown(value);
  if (isSame(seen, redacted)) return value;
  const ownJson = isRecord(seen) && 'toJSON' in value && !ArrayBuffer.isView(value);
  if (!isObject(redacted)) return ownJson ? misfit(value, redacted, path) : primitiveFor(value, redacted);
  // By prototype, not instanceof: a subclass would be copied without its own state.
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Set.prototype && Array.isArray(redacted)) {
    return new Set(mergeArray([...(value as ReadonlySet<unknown>)], redacted, path));
  }
  if (!isRecord(redacted) || !isRecord(seen)) return misfit(value, redacted, path);
  const changed = Object.entries(redacted).filter(([key, item]) => !isSame(seen[key], item));
  if (prototype === Map.prototype) {
    const copy = new Map(value as ReadonlyMap<unknown, unknown>);
    for (const [key, item] of changed) copy.set(key, merge(copy.get(key), item, `${path}.${key}`));
    return copy;
  }
  // Where `toJSON` shows fields that the object has, those can be set; a computed field cannot.
  const own = ownJson && changed.every(([key]) => Object.hasOwn(value, key));
  return own ? mergeFields(value, changed, path) : misfit(value, redacted, path);
}

function primitiveFor(value: object, redacted: unknown): unknown {
  const isDate = value instanceof Date && typeof redacted === 'string' && /^\d{4}-\d\d-\d\d/.test(redacted);
  const date = isDate ? new Date(redacted) : undefined;
  return date === undefined || Number.isNaN(date.getTime()) ? redacted : date;
}

/** The value as Core saw it. */
function shown(value: unknown): unknown {
  return typeof value === 'string' && value.length < SHORT ? value : JSON.parse(toJson(value));
}

// A text this short fits toJson's limits with every character escaped, so it was shown as it is.
const SHORT = 1e6;

const MARKS: ReadonlySet<unknown> = new Set([CIRCULAR, TRUNCATED, UNREADABLE]);

/** Whether the answer repeats what Core saw; a mark stands for any object. */
function isSame(seen: unknown, answered: unknown): boolean {
  if (Object.is(seen, answered) || seen === answered) return true;
  if (!isObject(seen)) return false;
  if (!isObject(answered)) return MARKS.has(answered);
  const [keys, others] = [Object.keys(seen), Object.keys(answered)];
  return (
    Array.isArray(seen) === Array.isArray(answered) &&
    keys.length === others.length &&
    keys.every((key) => Object.hasOwn(answered, key) && isSame(read(seen, key), read(answered, key)))
  );
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Names the place and the kinds, never the values. */
function misfit(value: unknown, redacted: unknown, path: string): never {
  throw new Misfit(`${printable(path, 200)} is ${kindOf(value)}, its redaction ${kindOf(redacted)}`);
}

function kindOf(value: unknown): string {
  if (typeof value === 'string' && value.endsWith(TRUNCATED)) return 'a text cut short';
  return isObject(value) ? Object.prototype.toString.call(value).slice(8, -1) : typeof value;
}
