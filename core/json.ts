import { CIRCULAR, read, standIn, TRUNCATED, UNREADABLE } from './json-values.ts';
import { cut } from './text.ts';

/** How much of a value `toJson` writes; what lies beyond is replaced by `[Truncated]`. */
export interface JsonLimits {
  /** Levels of objects and arrays. */
  readonly depth: number;
  /** Values, counted over all levels. */
  readonly nodes: number;
  /** Bytes of JSON, roughly: the marks and brackets that close it come on top. */
  readonly bytes: number;
  /** Bytes of each binary value, before base64. */
  readonly binary: number;
}

const DEFAULTS: JsonLimits = { depth: 64, nodes: 1e6, bytes: 8 * 1024 * 1024, binary: 4096 };

/** For fingerprints, which must cover every byte: bounds the stack and the time only. */
export const UNBOUNDED: JsonLimits = { depth: 1e3, nodes: 5e7, bytes: Infinity, binary: Infinity };

/** One call's state: what is left to spend, and the objects that are being written. */
interface Run extends JsonLimits {
  nodes: number;
  bytes: number;
  readonly open: object[];
}

/**
 * The value as compact JSON, whatever it is: an odd value never makes an event unsendable (Contract §2).
 * Never throws; `limits` default to 64 levels, 1,000,000 values, 8 MiB and 4,096 bytes of each binary value.
 */
export function toJson(value: unknown, limits?: Partial<JsonLimits>): string {
  try {
    return write({ ...DEFAULTS, ...limits, open: [] }, value, '') ?? 'null';
  } catch {
    return `"${UNREADABLE}"`;
  }
}

/**
 * An object as JSON whose fields each have the limits for themselves: one that is too long never costs another its
 * place.
 */
export function objectJson(fields: Readonly<Record<string, unknown>>, limits?: Partial<JsonLimits>): string {
  const written = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [`${JSON.stringify(name)}:${toJson(value, limits)}`],
  );
  return `{${written.join(',')}}`;
}

/** Undefined for what JSON leaves out: undefined, functions and symbols. */
function write(run: Run, value: unknown, key: string): string | undefined {
  run.nodes--;
  switch (typeof value) {
    case 'string':
      return quote(run, value);
    case 'object':
      return value === null ? spend(run, 'null') : writeObject(run, value, key);
    case 'number':
      return spend(run, Number.isFinite(value) ? String(value) : 'null');
    case 'boolean':
      return spend(run, String(value));
    case 'bigint':
      return value < LARGEST && value > -LARGEST ? spend(run, String(value)) : mark(run, TRUNCATED);
    default:
      return undefined;
  }
}

// Writing a BigInt in decimal takes time that grows faster than its length, and can't be stopped half-way.
const LARGEST = 1n << 16384n;

function writeObject(run: Run, value: object, key: string): string | undefined {
  const { open } = run;
  if (open.length >= run.depth) return mark(run, TRUNCATED);
  if (open.includes(value)) return mark(run, CIRCULAR);
  open.push(value);
  spend(run, '{');
  try {
    const shown = standIn(value, key, run.binary);
    if (typeof shown !== 'object' || shown === null) return write(run, shown, key);
    return Array.isArray(shown) ? writeArray(run, shown) : writeFields(run, shown);
  } catch {
    return mark(run, UNREADABLE);
  } finally {
    open.pop();
  }
}

function writeArray(run: Run, array: readonly unknown[]): string {
  let json = '';
  // Read once: a proxy may answer another length each time.
  const { length } = array;
  for (let i = 0; i < length; i++) {
    if (i > 0) json += ',';
    if (full(run)) return `[${json}"${TRUNCATED}"]`;
    json += write(run, read(array, i), String(i)) ?? spend(run, 'null');
  }
  return `[${json}]`;
}

function writeFields(run: Run, object: object): string {
  let json = '';
  for (const key of Object.keys(object)) {
    if (full(run)) return `{${json === '' ? '' : `${json},`}"${TRUNCATED}":"${TRUNCATED}"}`;
    const name = quote(run, key);
    const value = write(run, read(object, key), key);
    if (value !== undefined) json += json === '' ? `${name}:${value}` : `,${name}:${value}`;
  }
  return `{${json}}`;
}

function full(run: Run): boolean {
  return run.nodes <= 0 || run.bytes <= 0;
}

function spend(run: Run, token: string): string {
  run.bytes -= token.length + 1;
  return token;
}

function mark(run: Run, text: string): string {
  return spend(run, `"${text}"`);
}

const PLAIN = /^[ !#-[\]-~]*$/;
const ASCII = /^[\0-\x7f]*$/;

/** The text in quotes, cut to what is left: before it is quoted, so that a huge text is never copied whole. */
function quote(run: Run, text: string): string {
  const left = Math.max(run.bytes, 0);
  const whole = cut(text, left, TRUNCATED);
  // Most texts need no escapes, and testing for that is quicker than JSON.stringify.
  if (PLAIN.test(whole)) return spend(run, `"${whole}"`);
  const quoted = JSON.stringify(whole);
  // A UTF-16 unit takes three bytes of UTF-8 at most, an escaped one six.
  const bytes = ASCII.test(quoted) ? quoted.length : quoted.length * 3;
  run.bytes -= bytes + 1;
  return bytes <= left + TRUNCATED.length ? quoted : JSON.stringify(cut(text, Math.floor(left / 6), TRUNCATED));
}
