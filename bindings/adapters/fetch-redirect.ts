import { NO_BODY, type RequestBody } from './fetch-body.ts';

/** One request of a call of `fetch`: the first, or one that a redirect asks for. */
export interface Hop {
  readonly method: string;
  readonly url: URL;
  readonly headers: Headers;
  readonly body: RequestBody;
  /** As the `Request` has it. */
  readonly mode: RequestMode;
}

const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
const MAX_REDIRECTS = 20;

/** Describe the body that goes when the method becomes GET. */
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'];
/** Meant for one origin only. */
const ORIGIN_HEADERS = ['authorization', 'proxy-authorization', 'cookie', 'host'];

/** Whether the response sends its caller on to another URL. */
export function isRedirect({ status, headers }: Pick<Response, 'status' | 'headers'>): boolean {
  return REDIRECTS.has(status) && headers.has('location');
}

/**
 * The request that a redirect asks for, as the fetch standard has it ("HTTP-redirect fetch").
 *
 * @param count redirects followed before this one
 */
export function nextHop(hop: Hop, { status, headers }: Pick<Response, 'status' | 'headers'>, count: number): Hop {
  const url = locationOf(hop.url, headers.get('location') ?? '');
  if (count >= MAX_REDIRECTS) throw networkError('redirect count exceeded');
  const sameOrigin = url.origin === hop.url.origin;
  if (hop.mode === 'cors' && (url.username !== '' || url.password !== '') && !sameOrigin) {
    throw networkError('cross origin redirect to a URL with credentials');
  }
  if (status !== 303 && hop.body.kind === 'stream') throw networkError('a streamed body cannot be sent again after a redirect');

  const next = new Headers(hop.headers);
  const becomesGet = status === 303 ? !/^(GET|HEAD)$/.test(hop.method) : status < 303 && hop.method === 'POST';
  if (becomesGet) for (const name of BODY_HEADERS) next.delete(name);
  if (!sameOrigin) for (const name of ORIGIN_HEADERS) next.delete(name);
  return { ...hop, url, headers: next, ...(becomesGet && { method: 'GET', body: NO_BODY }) };
}

function locationOf(base: URL, header: string): URL {
  // Headers show each byte as a character; servers write UTF-8.
  const location = /^[\0-\x7f]*$/.test(header) ? header : new TextDecoder().decode(Uint8Array.from(header, (byte) => byte.charCodeAt(0)));
  if (!URL.canParse(location, base.href)) throw networkError('the redirect has an invalid URL');
  const url = new URL(location, base);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') throw networkError('URL scheme must be a HTTP(S) scheme');
  if (url.hash === '') url.hash = base.hash;
  return url;
}

/** What `fetch` rejects with where the network part fails. */
function networkError(reason: string): TypeError {
  return new TypeError('fetch failed', { cause: new Error(reason) });
}
