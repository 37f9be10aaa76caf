import { toBase64 } from './base64.ts';

/** Stands for an object inside itself. */
export const CIRCULAR = '[Circular]';
/** Stands for a value whose getter, proxy or `toJSON` throws. */
export const UNREADABLE = '[Unserializable]';
/** Stands for what lies beyond a limit. */
export const TRUNCATED = '[Truncated]';

/** What is written in the object's place: itself, its `toJSON`, or the fields of a kind that JSON knows nothing of. */
export function standIn(value: object, key: string, maxBinary: number): unknown {
  const prototype: unknown = Object.getPrototypeOf(value);
  const ordinary = prototype === Object.prototype || prototype === null || Array.isArray(value);
  // Before toJSON: some byte arrays have one, which lists every byte as a number.
  if (!ordinary && ArrayBuffer.isView(value)) return binaryFields(value, maxBinary);
  const { toJSON } = value as { readonly toJSON?: unknown };
  const shown: unknown = typeof toJSON === 'function' ? toJSON.call(value, key) : value;
  if ((ordinary && shown === value) || typeof shown !== 'object' || shown === null) return shown;
  return converted(shown, maxBinary);
}

/** A property, or the mark where its getter throws: one bad field does not hide the others. */
export function read(object: object, key: PropertyKey): unknown {
  try {
    return (object as Readonly<Record<PropertyKey, unknown>>)[key];
  } catch {
    return UNREADABLE;
  }
}

function converted(value: object, maxBinary: number): unknown {
  const kind = value instanceof Error ? 'Error' : kindOf(value);
  const convert = KINDS.get(kind);
  if (convert === undefined) return isRawValue(value) ? payloadValue(value.payload, maxBinary) : value;
  try {
    return convert(value as never, maxBinary);
  } catch {
    // Its Symbol.toStringTag lies: it is no such thing, and is written by its fields.
    return value;
  }
}

function kindOf(value: object): string {
  return Object.prototype.toString.call(value).slice(8, -1);
}

type Convert = (value: never, maxBinary: number) => unknown;

/** A getter of a built-in prototype: it throws for an object that only claims the tag. */
function getterOf(prototype: object, name: string): () => unknown {
  return Object.getOwnPropertyDescriptor(prototype, name)?.get as () => unknown;
}

// By tag, not instanceof: values come from other realms too. The prototypes' own methods, since a subclass may override them.
const KINDS: ReadonlyMap<string, Convert> = new Map<string, Convert>([
  ['Error', errorFields],
  ['Date', (value: Date) => Date.prototype.toJSON.call(value)],
  ['RegExp', (value: RegExp) => (getterOf(RegExp.prototype, 'source').call(value), String(value))],
  ['Map', (value: ReadonlyMap<unknown, unknown>) => mapFields([...Map.prototype.entries.call(value)])],
  ['Set', (value: ReadonlySet<unknown>) => [...Set.prototype.values.call(value)]],
  ['Number', (value: object) => Number.prototype.valueOf.call(value)],
  ['String', (value: object) => String.prototype.valueOf.call(value)],
  ['Boolean', (value: object) => Boolean.prototype.valueOf.call(value)],
  ['BigInt', (value: object) => BigInt.prototype.valueOf.call(value)],
  ['URLSearchParams', String],
  ['ArrayBuffer', (value: ArrayBuffer, max) => (getterOf(ArrayBuffer.prototype, 'byteLength').call(value), binaryFields(value, max))],
  ['SharedArrayBuffer', binaryFields],
]);

/** An object without a prototype, so that a key `__proto__` is a key like any other. */
function bag(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  const fields: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
  for (const [key, value] of entries) fields[key] = value;
  return fields;
}

/** A map with only text keys becomes an object, any other a list of pairs. */
function mapFields(entries: readonly [unknown, unknown][]): unknown {
  return entries.every((entry): entry is [string, unknown] => typeof entry[0] === 'string') ? bag(entries) : entries;
}

/** `{type, message, …}` as events name them (Contract §2), without the stack: it tells of the machine, not of the failure. */
function errorFields(error: Error): Record<string, unknown> {
  const { name } = error;
  const fields = bag([
    ['type', name === 'Error' ? (error.constructor?.name ?? name) : name],
    ['message', read(error, 'message')],
    ['cause', read(error, 'cause')],
    ['errors', read(error, 'errors')],
  ]);
  for (const key of Object.keys(error)) {
    // An ApplicationFailure's own type.
    if (key === 'type') fields['error_type'] = read(error, key);
    else if (!(key in fields) && key !== 'name' && key !== 'stack') fields[key] = read(error, key);
  }
  return fields;
}

function binaryFields(value: ArrayBufferView | ArrayBufferLike, maxBinary: number): object {
  const bytes = ArrayBuffer.isView(value)
    ? new Uint8Array(value.buffer, value.byteOffset, value.byteLength)
    : new Uint8Array(value);
  return {
    type: kindOf(value),
    byte_length: bytes.length,
    base64: toBase64(bytes.subarray(0, maxBinary)) + (bytes.length > maxBinary ? TRUNCATED : ''),
  };
}

interface Payload {
  readonly metadata: Readonly<Record<string, unknown>>;
  readonly data?: unknown;
}

/** Temporal's `RawValue`, known by its shape: core does not import Temporal. */
function isRawValue(value: object): value is { readonly payload: Payload } {
  if ((value.constructor as { readonly name?: string } | undefined)?.name !== 'RawValue') return false;
  const { payload } = value as { readonly payload?: Partial<Payload> | null };
  return payload?.metadata?.['encoding'] instanceof Uint8Array;
}

function payloadValue({ metadata, data }: Payload, maxBinary: number): unknown {
  const encoding = new TextDecoder().decode(metadata['encoding'] as Uint8Array);
  if (encoding === 'binary/null') return null;
  const bytes = data instanceof Uint8Array ? data : new Uint8Array();
  if (encoding === 'json/plain') {
    try {
      return JSON.parse(new TextDecoder().decode(bytes));
    } catch {
      // Not the JSON it says it is: shown as bytes.
    }
  }
  return { encoding, data: binaryFields(bytes, maxBinary) };
}
