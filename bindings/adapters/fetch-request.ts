/** What of a runtime's global object the adapter works with; read at each call, as the runtime's own `fetch` does. */
export type FetchGlobal = Pick<typeof globalThis, 'fetch' | 'Request' | 'Response' | 'ReadableStream'>;

/** Calls the original `fetch`. */
export type Send = (input: unknown, init?: unknown) => Promise<Response>;

type Options = Readonly<Record<string, unknown>>;

/** A call of `fetch` as it was when it was made; nothing the caller does later changes it. */
export interface RequestCopy {
  /** Normalised by the runtime: method, URL, headers with the body's own, the body's bytes. */
  readonly request: Request;
  /** The second argument, each option read once; a runtime's own ones (`dispatcher`, `proxy`) are among them. */
  readonly options: Options;
  /** Whether the first argument was a `Request`, which may hold options that cannot be read from it. */
  readonly fromRequest: boolean;
  readonly signal: AbortSignal | null | undefined;
}

/** Throws what `fetch` itself rejects with where input or init are not valid. */
export function copyRequest(global: FetchGlobal, input: unknown, init: unknown): RequestCopy {
  const options = isObject(init) ? readOptions(init) : {};
  const fromRequest = Object.prototype.toString.call(input) === '[object Request]';
  // A `Request` of another implementation is understood by its own class only.
  const own = !fromRequest || input instanceof global.Request;
  const RequestClass = own ? global.Request : ((input as Request).constructor as typeof Request);
  const request = new RequestClass(input as Request, isObject(init) ? options : (init as RequestInit));
  const signal = 'signal' in options ? options['signal'] : fromRequest ? (input as Request).signal : undefined;
  return { request, options, fromRequest, signal: signal as AbortSignal | null | undefined };
}

/** Options that a `Request` carries and a redirect's next request needs again. */
export const SETTINGS: readonly (keyof Request)[] = [
  'mode',
  'credentials',
  'cache',
  'referrer',
  'referrerPolicy',
  'integrity',
  'keepalive',
];

/** A `Request` serves as init too: its options are getters of its class. */
const NAMES = [...SETTINGS, 'method', 'headers', 'body', 'redirect', 'signal', 'duplex', 'priority', 'window', 'dispatcher'];

function readOptions(init: Options): Options {
  const options: Record<string, unknown> = {};
  for (const name of new Set([...NAMES, ...Object.keys(init)])) {
    const value = init[name];
    if (value !== undefined) options[name] = value;
  }
  return options;
}

function isObject(value: unknown): value is Options {
  return typeof value === 'object' && value !== null;
}
