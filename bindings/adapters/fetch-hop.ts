import { type Attempt, governIn, type HttpOperation, type HttpResult, isTextContent, type Later, type Report } from '../../core/index.ts';
import { collector } from './collector.ts';
import { bytesOf, exactBody, shownBody, shownHeaders } from './fetch-body.ts';
import { type Hop, isRedirect } from './fetch-redirect.ts';
import type { FetchGlobal } from './fetch-request.ts';
import { watchBody, withBody } from './fetch-response.ts';
import { hasPrefix } from './url-prefix.ts';

/** A response, and when it may be handed out. */
interface Received {
  readonly response: Response;
  readonly told?: Promise<void>;
}

/** Sends one request as one operation: asked about before it is sent, reported when its response has ended. */
export async function governHop(
  attempt: Attempt,
  global: FetchGlobal,
  hop: Hop,
  follows: boolean,
  send: () => Promise<Response>,
): Promise<Response> {
  const { ignoredUrlPrefixes, maxBodySize } = attempt.governor.config;
  if (hasPrefix(hop.url, ignoredUrlPrefixes)) return send();
  const operation: HttpOperation = {
    type: 'http_request',
    method: hop.method.toUpperCase(),
    url: hop.url.href,
    headers: shownHeaders(hop.headers),
    // A compressed body is no text.
    body: hop.headers.has('content-encoding') ? null : shownBody(bytesOf(hop.body), hop.headers, maxBodySize),
  };
  const report: Report<HttpOperation, Received> = {
    describe: ({ response }) => resultOf(response, null),
    exact: () => exactBody(hop.body, hop.headers),
    handOut: ({ response }, later) =>
      (follows && isRedirect(response)) || hasNoBody(hop, response)
        ? { response, told: later.complete(resultOf(response, null)) }
        : { response: governedResponse(global, response, later, maxBodySize) },
  };
  const { response, told } = await governIn(attempt, operation, async (): Promise<Received> => ({ response: await send() }), report);
  await told;
  return response;
}

const NULL_BODY_STATUS: ReadonlySet<number> = new Set([101, 103, 204, 205, 304]);

function hasNoBody(hop: Hop, { body, status }: Response): boolean {
  return body === null || hop.method === 'HEAD' || NULL_BODY_STATUS.has(status);
}

function resultOf({ status, headers }: Response, body: string | null): HttpResult {
  return { status, headers: shownHeaders(headers), body };
}

/** The response over a body that is reported when it has ended. A body nobody has read is reported as none. */
function governedResponse(global: FetchGlobal, response: Response, later: Later<HttpOperation>, max: number): Response {
  const seen = isTextContent(response.headers.get('content-type')) ? collector(max) : undefined;
  const body = response.body as ReadableStream<Uint8Array>;
  let read = false;
  const watched = watchBody(global, body, {
    chunk(bytes) {
      read = true;
      seen?.add(bytes);
    },
    ended: (how, error) => {
      const shown = read || how === 'done' ? shownBody(seen?.bytes(), response.headers, max) : null;
      return later.complete(resultOf(response, shown), error);
    },
  });
  later.onAbandon(watched.abandon);
  return withBody(global, response, watched.stream);
}
