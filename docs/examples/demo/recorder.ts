import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One question to Core and what it answered. */
export interface Exchange {
  /** Milliseconds since the recorder started. */
  readonly at: number;
  readonly path: string;
  readonly question: Readonly<Record<string, unknown>>;
  readonly answer: Readonly<Record<string, unknown>>;
}

/** As it was before anything was governed: what the recorder passes on is no agent's work. */
const { fetch } = globalThis;

const PASSED = ['authorization', 'content-type', 'user-agent', 'x-openbox-sdk-version'];

/** Stands between the SDK and any Core, passes everything on and notes it: the timeline works with the user's own Core too. */
export async function startRecorder(coreUrl: string): Promise<{ readonly url: string; readonly exchanges: Exchange[]; close(): Promise<void> }> {
  const began = performance.now();
  const exchanges: Exchange[] = [];
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { url: path = '/', method = 'GET' } = request;
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
    const headers = new Headers();
    for (const name of PASSED) {
      const value = request.headers[name];
      if (typeof value === 'string') headers.set(name, value);
    }
    const answer = await fetch(coreUrl + path, { method, headers, ...(method !== 'GET' && { body }), redirect: 'manual' });
    const text = await answer.text();
    exchanges.push({ at: performance.now() - began, path, question: parse(body), answer: parse(text) });
    response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'application/json' }).end(text);
  };
  const server = createServer((request, response) => {
    pass(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function parse(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
