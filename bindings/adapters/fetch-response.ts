import type { FetchGlobal } from './fetch-request.ts';

/** Sees a body go by. */
export interface BodyWatch {
  chunk(bytes: Uint8Array): void;
  /** Settles when the reader may know. `left`: nobody reads on; `error` is what broke it. */
  ended(how: 'done' | 'left' | 'broken', error?: unknown): Promise<void>;
}

export interface WatchedBody {
  readonly stream: ReadableStream<Uint8Array>;
  /** Ends it before its reader has: the reader gets an error. */
  abandon(): void;
}

/**
 * The body with a watch on it. Chunks reach the reader as they arrive and no sooner than it asks for them; only the end
 * waits for `watch.ended`, and is an error where that rejects.
 */
export function watchBody(global: FetchGlobal, body: ReadableStream<Uint8Array>, watch: BodyWatch): WatchedBody {
  const reader = body.getReader();
  let controller!: ReadableByteStreamController;
  let over = false;
  const quietly = (ended: Promise<unknown>): Promise<unknown> => ended.catch(() => undefined);

  const stream = new global.ReadableStream({
    type: 'bytes',
    start: (own) => void (controller = own),
    async pull() {
      let read: ReadableStreamReadResult<Uint8Array>;
      try {
        // A byte stream takes no empty chunk.
        do read = await reader.read();
        while (!read.done && read.value.byteLength === 0);
      } catch (error) {
        if (over) return;
        over = true;
        // Nothing is withheld here: the reader need not wait.
        void quietly(watch.ended('broken', error));
        throw error;
      }
      if (over) return;
      if (!read.done) {
        watch.chunk(read.value);
        controller.enqueue(read.value as Uint8Array<ArrayBuffer>);
        return;
      }
      over = true;
      await watch.ended('done');
      controller.close();
      controller.byobRequest?.respond(0);
    },
    async cancel(reason) {
      over = true;
      // What was read is read; a verdict that stops the activity does so without this.
      await Promise.all([reader.cancel(reason), quietly(watch.ended('left'))]);
    },
  });

  return {
    stream,
    abandon() {
      if (over) return;
      over = true;
      controller.error(new TypeError('The activity ended before this response body was read to its end'));
      void quietly(reader.cancel());
      void quietly(watch.ended('left'));
    },
  };
}

const CARRIED = ['url', 'redirected', 'type', 'status', 'statusText', 'ok'] as const satisfies readonly (keyof Response)[];

/** The response with another body; whatever else can be seen of it stays. */
export function withBody(global: FetchGlobal, response: Response, body: ReadableStream<Uint8Array>): Response {
  // A server may send statuses that the constructor does not take.
  const status = response.status >= 200 && response.status <= 599 ? response.status : 200;
  const copy = new global.Response(body, { status, headers: response.headers });
  return carrying(copy, Object.fromEntries(CARRIED.map((name) => [name, response[name]])));
}

/** Gives the response properties that no constructor takes; its clones have them too. */
export function carrying(response: Response, properties: Readonly<Record<string, unknown>>): Response {
  const { clone } = response;
  const values = { ...properties, clone: () => carrying(clone.call(response), properties) };
  for (const [name, value] of Object.entries(values)) {
    Object.defineProperty(response, name, { value, configurable: true, enumerable: false, writable: false });
  }
  return response;
}
