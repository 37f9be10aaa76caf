import { canonicalJson, type Clock, cutBytes, decodeText, isTextContent } from '../../core/index.ts';
import { collector } from './collector.ts';
import type { RequestCopy } from './fetch-request.ts';

/** A request's body: bytes in memory can be shown whole and sent again, a stream only passes through. */
export type RequestBody =
  | { readonly kind: 'none' }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array<ArrayBuffer> }
  | { readonly kind: 'stream'; readonly beginning: Uint8Array | undefined };

export const NO_BODY: RequestBody = { kind: 'none' };

/** Reads the body of the copy, of a `Request` no more than `max` bytes. */
export async function readBody({ request, options }: RequestCopy, max: number, clock: Pick<Clock, 'after'>): Promise<RequestBody> {
  const given = options['body'];
  if (request.body === null) return NO_BODY;
  if (isStream(given)) return { kind: 'stream', beginning: undefined };
  // The bytes were copied when the request was made; this only fetches them.
  if (given !== undefined && given !== null) return { kind: 'bytes', bytes: new Uint8Array(await request.arrayBuffer()) };
  return readBeginning(request, max, clock);
}

/** Bytes in memory are there at once; what is not, is a stream that may wait for its own answer. */
const PATIENCE_MS = 100;

/**
 * A `Request` does not tell a stream from bytes in memory. Read from a clone: the request itself keeps the length that
 * its runtime knows and is sent as it is where there is more.
 */
async function readBeginning(request: Request, max: number, clock: Pick<Clock, 'after'>): Promise<RequestBody> {
  const reader = (request.clone().body as ReadableStream<Uint8Array>).getReader();
  const seen = collector(Infinity);
  let size = 0;
  let late = (): void => {};
  const patience = new Promise<undefined>((resolve) => (late = () => resolve(undefined)));
  const cancelTimer = clock.after(PATIENCE_MS, late);
  try {
    while (size <= max) {
      const read = await Promise.race([reader.read(), patience]);
      if (read === undefined) break;
      if (read.done) return { kind: 'bytes', bytes: seen.bytes() };
      seen.add(read.value);
      size += read.value.byteLength;
    }
  } finally {
    cancelTimer();
  }
  // Settles only when the request's own body has ended too.
  reader.cancel().catch(() => undefined);
  return { kind: 'stream', beginning: size > max ? seen.bytes() : undefined };
}

function isStream(body: unknown): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return Symbol.asyncIterator in body || Object.prototype.toString.call(body) === '[object ReadableStream]';
}

/** A message's headers, as far as its body needs them. */
export type HeaderLookup = Pick<Headers, 'get'>;

/** What Core is shown of a body, for a message with these headers. Contract §3.1. */
export function shownBody(bytes: Uint8Array | undefined, headers: HeaderLookup, max: number): string | null {
  const type = headers.get('content-type');
  if (bytes === undefined || !isTextContent(type)) return null;
  return decodeText(cutBytes(bytes, max), type);
}

export function bytesOf(body: RequestBody): Uint8Array | undefined {
  return body.kind === 'bytes' ? body.bytes : body.kind === 'stream' ? body.beginning : undefined;
}

const JSON_TYPE = /^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i;

const BOUNDARY = /;\s*boundary=(?:"([^"]+)"|([^\s;]+))/i;

/**
 * What makes this body the one that was approved; undefined for a stream, whose bytes nobody knows yet. A multipart
 * boundary is drawn anew for every request; the order of JSON's keys says nothing.
 */
export function exactBody(body: RequestBody, headers: HeaderLookup): readonly unknown[] | undefined {
  if (body.kind === 'stream') return undefined;
  const type = headers.get('content-type') ?? '';
  const [, quoted, plain] = /^multipart\//i.test(type) ? (BOUNDARY.exec(type) ?? []) : [];
  const boundary = quoted ?? plain;
  const bytes = bytesOf(body);
  if (bytes === undefined) return [body.kind, null];
  if (boundary === undefined) return [body.kind, (JSON_TYPE.test(type) ? canonicalJson(decodeText(bytes, null)) : undefined) ?? bytes];
  // Every byte is a character of its own in this encoding.
  return [body.kind, new TextDecoder('latin1').decode(bytes).replaceAll(boundary, '')];
}

/** Headers as Core is shown them; without a multipart boundary, which says nothing. */
export function shownHeaders(headers: Iterable<readonly [string, string]>): Record<string, string> {
  const shown: Record<string, string> = {};
  for (const [name, value] of headers) {
    const before = shown[name];
    shown[name] = before === undefined ? value : `${before}, ${value}`;
  }
  if (/^multipart\//i.test(shown['content-type'] ?? '')) shown['content-type'] = (shown['content-type'] ?? '').replace(BOUNDARY, '');
  return shown;
}
