import { type Attempt, orAborted } from '../../core/index.ts';
import { NO_BODY, readBody } from './fetch-body.ts';
import { fetchFile } from './fetch-file.ts';
import { governHop } from './fetch-hop.ts';
import { type Hop, isRedirect, nextHop } from './fetch-redirect.ts';
import { copyRequest, type FetchGlobal, type RequestCopy, type Send, SETTINGS } from './fetch-request.ts';
import { carrying } from './fetch-response.ts';
import type { FileModule } from './file-module.ts';
import type { Patches } from './wrap.ts';

/**
 * Puts governance before the `fetch` of a global object. False where it cannot be patched.
 *
 * @param files where that `fetch` reads `file:` URLs
 */
export function installFetch(patches: Patches, global: FetchGlobal, files?: FileModule): boolean {
  return patches.add({
    route: 'fetch',
    target: global,
    name: 'fetch',
    governed: ({ attempt, args, original }) => governedFetch(attempt, { global, files }, args, original as Send),
  });
}

interface Reach {
  readonly global: FetchGlobal;
  readonly files: FileModule | undefined;
}

async function governedFetch(attempt: Attempt, { global, files }: Reach, args: readonly unknown[], send: Send): Promise<Response> {
  // Without arguments there is nothing to ask about, and the runtime's own error to give.
  if (args.length === 0) return (send as () => Promise<Response>)();
  const copy = copyRequest(global, args[0], args[1]);
  if (files !== undefined && copy.request.url.startsWith('file:')) {
    return orAborted(copy.signal, fetchFile(attempt, global, files, copy.request.url, () => send(copy.request)));
  }
  // `data:`, `blob:` and `about:` leave nothing and nobody; whatever else there is, `fetch` refuses.
  if (!/^https?:/.test(copy.request.url)) return send(copy.request);
  copy.signal?.throwIfAborted();
  // As `fetch` does, whatever is being waited for.
  return orAborted(copy.signal, follow(attempt, global, copy, send));
}

/** Sends the request and, where the caller wants that, the ones that redirects ask for; each is an operation of its own. */
async function follow(attempt: Attempt, global: FetchGlobal, copy: RequestCopy, send: Send): Promise<Response> {
  const { request } = copy;
  const follows = request.redirect === 'follow';
  const body = request.body === null ? NO_BODY : await readBody(copy, attempt.governor.config.maxBodySize, attempt.governor.ports.clock);
  let hop: Hop = { method: request.method, url: new URL(request.url), headers: new Headers(request.headers), body, mode: request.mode };
  for (let count = 0; ; count++) {
    const { input, init } = callFor(copy, hop, count === 0);
    const response = await governHop(attempt, global, hop, follows, () => send(input, init));
    if (!follows || !isRedirect(response)) return count === 0 ? response : redirectedTo(response, request, hop);
    response.body?.cancel().catch(() => undefined);
    hop = nextHop(hop, response, count);
  }
}

function redirectedTo(response: Response, first: Request, last: Hop): Response {
  const crossed = first.mode === 'cors' && new URL(first.url).origin !== last.url.origin;
  return carrying(response, { redirected: true, type: crossed ? 'cors' : response.type });
}

/** The arguments for one hop: all of the caller's options, and what the hop says. */
function callFor(copy: RequestCopy, hop: Hop, first: boolean): { readonly input: unknown; readonly init: Record<string, unknown> } {
  const { request, options, fromRequest } = copy;
  const streams = hop.body.kind === 'stream';
  const init = {
    ...(fromRequest && Object.fromEntries(SETTINGS.map((name) => [name, request[name]]))),
    ...options,
    method: hop.method,
    headers: hop.headers,
    redirect: request.redirect === 'follow' ? 'manual' : request.redirect,
    signal: copy.signal,
    body: hop.body.kind === 'bytes' ? hop.body.bytes : undefined,
    ...(streams && { duplex: 'half' }),
  };
  // The copy carries a streamed body, and what a `Request` hides.
  return { input: first && (fromRequest || streams) ? request : hop.url.href, init };
}
