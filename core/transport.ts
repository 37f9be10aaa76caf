import type { Config } from './config.ts';
import { parseHttpDate } from './expiration.ts';
import type { FetchResponse } from './ports/fetch.ts';
import type { Ports } from './ports/index.ts';
import { printable } from './text.ts';

/** What of the configuration a question to Core needs. */
export type CoreAccess = Pick<Config, 'openboxUrl' | 'apiKey' | 'governanceTimeout' | 'maxAnswerBytes'>;

/** Bounds of one question, beside `governanceTimeout`. */
export interface Limits {
  /** Ends the question; it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Unix milliseconds after which an answer is of no use. */
  readonly deadline?: number | undefined;
}

/** What a request carries beside its body. */
export interface Carried extends Limits {
  /** Where the question stands in a trace: W3C Trace Context. */
  readonly traceparent?: string | undefined;
}

export type Reply =
  | {
      readonly kind: 'answer';
      readonly status: number;
      /** Null where it is longer than `maxAnswerBytes`. */
      readonly text: string | null;
      readonly date: string | null;
      readonly retryAfter: string | null;
    }
  | { readonly kind: 'failed'; readonly problem: string; readonly again: boolean; /** Undefined where it tells nothing of Core. */ readonly outage?: true };

export type Send = (method: string, path: string, body: string | undefined, carried?: Carried) => Promise<Reply>;

const RETRIES = 2;
const RETRY_STATUS: ReadonlySet<number> = new Set([429, 502, 503, 504]);
/** What runtimes call a connection that broke under a request: by code where they have one, else by text. */
const RESET_CODES: ReadonlySet<unknown> = new Set(['ECONNRESET', 'EPIPE', 'UND_ERR_SOCKET']);
const RESET_TEXT = /other side closed|socket hang up|connection (?:reset|closed)/i;
const FIRST_PAUSE_MS = 100;

/** One request and its retries inside one deadline. Contract §5. */
export function createTransport(config: CoreAccess, { fetch, clock }: Pick<Ports, 'fetch' | 'clock'>, sdkId: string): Send {
  const headers: Readonly<Record<string, string>> = {
    'User-Agent': `OpenBox-SDK/${sdkId}`,
    'X-OpenBox-SDK-Version': sdkId,
    Accept: 'application/json',
  };

  return async (method, path, body, { traceparent, ...limits } = {}) => {
    limits.signal?.throwIfAborted();
    const left = limits.deadline === undefined ? Infinity : limits.deadline - clock.now();
    const budget = Math.min(config.governanceTimeout, left);
    if (budget <= 0) return { kind: 'failed', problem: 'no time is left for the question', again: false };

    const late = new AbortController();
    const cancelTimer = clock.after(budget, () => late.abort());
    const forward = (): void => late.abort();
    limits.signal?.addEventListener('abort', forward, { once: true });
    const end = clock.monotonic() + budget;

    const once = async (): Promise<Reply> => {
      try {
        const response = await fetch(config.openboxUrl + path, {
          method,
          headers: {
            ...headers,
            Authorization: `Bearer ${config.apiKey.reveal()}`,
            ...(body !== undefined && { 'Content-Type': 'application/json' }),
            ...(traceparent !== undefined && { traceparent }),
          },
          ...(body !== undefined && { body }),
          signal: late.signal,
          redirect: 'manual',
        });
        return {
          kind: 'answer',
          status: response.status,
          text: await readText(response, config.maxAnswerBytes),
          date: response.headers.get('date'),
          retryAfter: response.headers.get('retry-after'),
        };
      } catch (error) {
        limits.signal?.throwIfAborted();
        // One that had little time tells nothing of Core.
        const enough = budget * 2 >= config.governanceTimeout;
        if (late.signal.aborted) return { kind: 'failed', problem: `no answer within ${budget} ms`, again: false, ...(enough && { outage: true }) };
        return { kind: 'failed', ...networkProblem(error), outage: true };
      }
    };

    try {
      for (let retry = 0; ; retry++) {
        const reply = await once();
        const again = reply.kind === 'failed' ? reply.again : RETRY_STATUS.has(reply.status);
        if (!again || retry === RETRIES) return reply;
        const pause = pauseBefore(retry, reply, clock.now());
        if (clock.monotonic() + pause >= end) return reply;
        await clock.sleep(pause, limits.signal);
      }
    } finally {
      cancelTimer();
      limits.signal?.removeEventListener('abort', forward);
    }
  };
}

function pauseBefore(retry: number, reply: Reply, now: number): number {
  const asked = reply.kind === 'answer' ? reply.retryAfter : null;
  if (asked !== null) {
    const seconds = Number(asked);
    if (seconds >= 0) return seconds * 1000;
    const date = parseHttpDate(asked);
    if (date !== null) return Math.max(0, date - now);
  }
  const longest = FIRST_PAUSE_MS * 2 ** retry;
  return longest / 2 + (Math.random() * longest) / 2;
}

/** The text of an answer, or null where it is longer than `max` bytes; no more than that is ever held. */
async function readText(response: FetchResponse, max: number): Promise<string | null> {
  if (response.body === null) return '';
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for await (const chunk of response.body) {
    size += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (size > max) return null;
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}

/** What went wrong on the way, from the innermost cause that says something. Never contains a header or a body. */
function networkProblem(error: unknown): { readonly problem: string; readonly again: boolean } {
  let found = '';
  let again = false;
  for (let cause = error, depth = 0; cause instanceof Error && depth < 5; cause = cause.cause, depth++) {
    const code = (cause as { code?: unknown }).code;
    const message = cause.message === '' ? cause.name : cause.message;
    again ||= code === undefined ? RESET_TEXT.test(message) : RESET_CODES.has(code);
    found = typeof code === 'string' && !message.includes(code) ? `${code} ${message}` : message;
  }
  return { problem: printable(found === '' ? error : found, 200), again };
}
