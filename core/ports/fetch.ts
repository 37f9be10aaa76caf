/** The part of the web's `fetch` that traffic to Core needs; `globalThis.fetch` fits as it is. */
export type Fetch = (url: string, init: FetchInit) => Promise<FetchResponse>;

/** One request to Core. */
export interface FetchInit {
  readonly method: string;
  readonly headers: Record<string, string>;
  readonly body?: string;
  readonly signal?: AbortSignal;
  /** Core never redirects; a redirect is an API error. Contract §4. */
  readonly redirect: 'manual';
}

/** What of its response is read. */
export interface FetchResponse {
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  readonly body: AsyncIterable<Uint8Array> | null;
}

/** One request as the twin saw it. */
export interface RecordedRequest extends FetchInit {
  readonly url: string;
}

/** An answer for the twin: a JSON value, or anything closer to the wire. */
export interface CannedAnswer {
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** Twin for tests: answers by a function and keeps what was asked. A function that throws is a network failure. */
export function memoryFetch(
  answer: (request: RecordedRequest) => CannedAnswer | Promise<CannedAnswer>,
): Fetch & { readonly requests: RecordedRequest[] } {
  const requests: RecordedRequest[] = [];
  const fetch: Fetch = async (url, init) => {
    const request: RecordedRequest = { url, ...init };
    requests.push(request);
    init.signal?.throwIfAborted();
    const { status = 200, json, text, headers = {} } = await answer(request);
    const bytes = new TextEncoder().encode(text ?? JSON.stringify(json ?? null));
    const lower = new Map(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
    return {
      status,
      headers: { get: (name) => lower.get(name.toLowerCase()) ?? null },
      body: (async function* () {
        yield bytes;
      })(),
    };
  };
  return Object.assign(fetch, { requests });
}
