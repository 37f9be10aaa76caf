import type { HttpResult } from '../../core/index.ts';
import { type HeaderLookup, shownBody, shownHeaders } from './fetch-body.ts';
import type { ClientRequest, IncomingMessage } from './http-module.ts';

/** The head of a request. */
export interface Head {
  readonly method: string;
  readonly path: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
}

/** The head as it will be sent; before it is fixed, what is known of it. */
export function readHead(request: ClientRequest): Head {
  const { _header: text } = request;
  if (typeof text !== 'string') return { method: request.method, path: request.path, headers: pairs(request.getHeaders()) };
  const [first = '', ...lines] = text.split('\r\n');
  const [method = request.method, path = request.path] = first.split(' ');
  return {
    method,
    path,
    headers: lines.flatMap((line) => {
      const colon = line.indexOf(':');
      return colon < 1 ? [] : [[line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const];
    }),
  };
}

/** An answer as Core is shown it. */
export function resultOf(message: IncomingMessage, body: string | null): HttpResult {
  return { status: message.statusCode ?? 0, headers: shownHeaders(headersOf(message)), body };
}

/** The headers of an answer. */
export function headersOf({ headers }: IncomingMessage): Head['headers'] {
  return pairs(headers);
}

/** What Core is shown of a body, for a message with these headers. A compressed one is no text. Contract §3.1. */
export function shownText(bytes: Uint8Array | undefined, headers: HeaderLookup, max: number): string | null {
  const coding = headers.get('content-encoding') ?? 'identity';
  return coding === 'identity' ? shownBody(bytes, headers, max) : null;
}

/** Headers by name. */
export function lookup(headers: Iterable<readonly [name: string, value: string]>): HeaderLookup {
  const byName = new Map(headers);
  return { get: (name) => byName.get(name) ?? null };
}

function pairs(headers: NodeJS.Dict<number | string | readonly string[]>): (readonly [string, string])[] {
  return Object.entries(headers).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each) => [name.toLowerCase(), String(each)] as const),
  );
}
