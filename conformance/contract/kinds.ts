/** A JSON object as it was read: nothing is known about its fields yet. */
export type JsonObject = Readonly<Record<string, unknown>>;

/** The fields an object may have, by name. */
export type Fields = Readonly<Record<string, Kind>>;

/** What must hold between the fields of an object; asked only where each field is fine by itself. */
export interface Relation {
  readonly field: string;
  readonly problem: string;
  readonly holds: (value: JsonObject) => boolean;
}

/** What a value must be, as data: `check` walks it. */
export interface Kind {
  /** In words, for messages: `an integer of 0 or more`. */
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
  /** The fields of an object; they may depend on the object itself (a span's family, its stage). */
  readonly fields?: (value: JsonObject) => Fields;
  readonly relations?: readonly Relation[];
  /** The kind of each item of an array. */
  readonly items?: Kind;
  /** The field may be absent. */
  readonly optional?: boolean;
  /** Fields beyond the known ones are allowed. */
  readonly open?: boolean;
  /** The value never appears in a message. */
  readonly secret?: boolean;
}

/** A kind that is told by one test. */
export function kind(expected: string, accepts: (value: unknown) => boolean): Kind {
  return { expected, accepts };
}

export const json: Kind = kind('any JSON value', () => true);
export const nothing: Kind = kind('null', (value) => value === null);
export const anyText: Kind = kind('a string', (value) => typeof value === 'string');
export const text: Kind = kind('a string that is not empty', (value) => typeof value === 'string' && value !== '');
export const list: Kind = kind('an array', Array.isArray);
export const flag: Kind = kind('true or false', (value) => typeof value === 'boolean');
export const number: Kind = kind('a number', (value) => typeof value === 'number');
export const count: Kind = integer(0);

/** A safe integer of `least` to `most`, both included. */
export function integer(least: number, most: number = Number.MAX_SAFE_INTEGER): Kind {
  const range = most === Number.MAX_SAFE_INTEGER ? `of ${least} or more` : `from ${least} to ${most}`;
  return kind(`an integer ${range}`, (value) => Number.isSafeInteger(value) && least <= Number(value) && Number(value) <= most);
}

export function equals(wanted: string | number | boolean): Kind {
  return kind(JSON.stringify(wanted), (value) => value === wanted);
}

export function oneOf(wanted: readonly unknown[]): Kind {
  return kind(`one of ${wanted.map((each) => JSON.stringify(each)).join(', ')}`, (value) => wanted.includes(value));
}

export function matching(pattern: RegExp, expected: string): Kind {
  return kind(expected, (value) => typeof value === 'string' && pattern.test(value));
}

export function textUpTo(length: number): Kind {
  return kind(`a string of at most ${length} characters`, (value) => typeof value === 'string' && value.length <= length);
}

/** An array whose items are all of one kind, and which as a whole passes `accepts`. */
export function listOf(
  items: Kind,
  expected: string = 'an array',
  accepts: (value: readonly unknown[]) => boolean = () => true,
): Kind {
  return { ...kind(expected, (value) => Array.isArray(value) && accepts(value)), items };
}

/** An object with exactly these fields, but for the optional ones, and with these relations between them. */
export function object(fields: Fields | ((value: JsonObject) => Fields), relations: readonly Relation[] = []): Kind {
  return { ...kind('an object', isObject), fields: typeof fields === 'function' ? fields : () => fields, relations };
}

/** An object with any names, whose values are all of one kind. */
export function recordOf(values: Kind): Kind {
  return {
    ...kind('an object', isObject),
    fields: (value) => Object.fromEntries(Object.keys(value).map((name) => [name, values])),
  };
}

export function orNull(wanted: Kind): Kind {
  return { ...wanted, expected: `${wanted.expected}, or null`, accepts: (value) => value === null || wanted.accepts(value) };
}

export function optional(wanted: Kind): Kind {
  return { ...wanted, optional: true };
}

export function open(wanted: Kind): Kind {
  return { ...wanted, open: true };
}

export function secret(wanted: Kind): Kind {
  return { ...wanted, secret: true };
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The entry of a table under a name that came from outside, so that `__proto__` and `toString` find nothing. */
export function entry<T>(table: Readonly<Record<string, T>>, name: unknown): T | undefined {
  return typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
}
