import type { Clock } from '../../core/index.ts';
import { NO_BODY, type RequestBody } from './fetch-body.ts';
import { readHead } from './http-message.ts';
import { type ClientRequest, type HttpModules, override } from './http-module.ts';

/** A request that is kept from its agent while its body is gathered. */
export interface Gathering {
  /** The body as it is when the question can go out; undefined where the caller has given the request up before. */
  readonly ready: Promise<RequestBody | undefined>;
  /** True from when the caller destroyed the request. */
  givenUp(): boolean;
  /** Leaves the request alone from here on. */
  release(): void;
}

/** Whoever writes and never ends, or waits for the socket first, may wait for ever: then it is asked with what there is. */
const PATIENCE_MS = 5_000;

/**
 * Gathers what the caller writes, until `end()`, `max` bytes, or something that wants to be on its way before: headers
 * flushed, CONNECT, upgrade, `Expect`. Contract §3.1.
 */
export function gatherRequest(request: ClientRequest, max: number, clock: Pick<Clock, 'after'>, { Buffer }: HttpModules): Gathering {
  const { write, end, flushHeaders, destroy } = request;
  const seen: Uint8Array<ArrayBuffer>[] = [];
  const state = { size: 0, ended: false, asked: false, givenUp: false, released: false };
  let settle!: (body: RequestBody | undefined) => void;
  const ready = new Promise<RequestBody | undefined>((resolve) => (settle = resolve));

  const ask = (): void => {
    if (state.asked) return;
    state.asked = true;
    stopWaiting();
    Reflect.deleteProperty(request, 'writableNeedDrain');
    const bytes = seen.length === 0 ? undefined : (seen.length === 1 && seen[0]) || Buffer.concat(seen);
    if (!state.ended) settle({ kind: 'stream', beginning: bytes });
    else settle(bytes === undefined ? NO_BODY : { kind: 'bytes', bytes });
  };
  const lostPatience = (): void => {
    if (!request.headersSent && request.listenerCount('socket') === 0) return;
    flushHeaders.call(request);
    ask();
  };
  let stopWaiting = clock.after(PATIENCE_MS, lostPatience);

  /** Copies bytes: what the caller does to them later changes nothing. */
  const keep = (chunk: unknown, encoding: unknown): unknown => {
    if (typeof chunk !== 'string' && !(chunk instanceof Uint8Array)) return chunk;
    const kept = typeof chunk === 'string' ? chunk : Buffer.from(chunk);
    if (state.asked) return kept;
    const bytes = typeof kept === 'string' ? Buffer.from(kept, typeof encoding === 'string' ? (encoding as BufferEncoding) : 'utf8') : kept;
    if (seen.length === 0) {
      stopWaiting();
      stopWaiting = clock.after(PATIENCE_MS, lostPatience);
    }
    state.size += bytes.byteLength;
    seen.push(bytes);
    return kept;
  };

  const restore = [
    override(request, 'write', (chunk: unknown, encoding?: unknown, ...rest: unknown[]) => {
      const room = Reflect.apply(write, request, [keep(chunk, encoding), encoding, ...rest]) as boolean;
      if (!state.asked && (state.size >= max || isOnItsWay(request))) ask();
      // Nothing drains before there is a socket: whoever waits for that would wait for ever.
      return state.asked ? room : true;
    }),
    override(request, 'end', (chunk?: unknown, ...rest: unknown[]) => {
      Reflect.apply(end, request, [keep(chunk, rest[0]), ...rest]);
      state.ended = true;
      ask();
      return request;
    }),
    override(request, 'flushHeaders', () => {
      flushHeaders.call(request);
      ask();
    }),
    override(request, 'destroy', (error?: Error) => {
      destroy.call(request, error);
      if (!state.released) giveUp();
      return request;
    }),
  ];
  Object.defineProperty(request, 'writableNeedDrain', { value: false, configurable: true });

  const release = (): void => {
    stopWaiting();
    state.released = true;
    for (const each of restore) each();
    Reflect.deleteProperty(request, 'writableNeedDrain');
  };
  const giveUp = (): void => {
    state.givenUp = true;
    release();
    settle(undefined);
    // Without a socket to close, this is what tells the caller.
    request.onSocket(null);
  };

  if (request.destroyed) giveUp();
  else if (isOnItsWay(request)) ask();
  return { ready, release, givenUp: () => state.givenUp };
}

/** Whether the head is fixed and its sender waits for an answer to it, before any body. */
function isOnItsWay(request: ClientRequest): boolean {
  if (!request.headersSent) return false;
  const { method, headers } = readHead(request);
  return method === 'CONNECT' || headers.some(([name]) => name === 'upgrade' || name === 'expect');
}
