import { once } from 'node:events';
import { createServer, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';

/** The HTTP server that the recorded activities call. */
export interface Target {
  readonly url: string;
  /** Method and path of every request so far. */
  readonly hits: readonly string[];
  close(): Promise<void>;
}

interface Page {
  readonly status?: number;
  readonly type?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** Absent: what the request brought. */
  readonly body?: string | Uint8Array;
}

const JSON_TYPE = 'application/json';
const PAGES: Readonly<Record<string, Page>> = {
  '/hello': { type: 'text/plain; charset=utf-8', body: 'grüß dich' },
  '/json': { type: JSON_TYPE, body: '{"ok": true, "items": [1, 2.5, null]}' },
  '/echo': { status: 201, type: JSON_TYPE },
  '/missing': { status: 404, type: JSON_TYPE, body: '{"error": "no such thing"}' },
  '/problem': { status: 500, type: 'application/problem+json', body: '{"title": "broken"}' },
  '/image': { type: 'image/png', body: Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a) },
  '/cookie': { type: 'text/plain', headers: { 'set-cookie': 'session=s3cr3t; HttpOnly' }, body: 'ok' },
  '/redirect': { status: 302, headers: { location: '/hello' }, body: '' },
  '/empty': { status: 204, body: '' },
  '/big': { type: 'text/plain', body: 'x'.repeat(100_000) },
  '/sse': { type: 'text/event-stream', headers: { 'transfer-encoding': 'chunked' }, body: 'data: 0\n\ndata: 1\n\ndata: 2\n\n' },
};

export async function startTarget(): Promise<Target> {
  const hits: string[] = [];
  const server = createServer(async (request, response) => {
    const { method = '', url = '' } = request;
    hits.push(`${method} ${url}`);
    const { status = 200, type, headers, body = await bodyOf(request) } = PAGES[url.replace(/\?.*/, '')] ?? { status: 410, body: '' };
    const isChunked = headers?.['transfer-encoding'] !== undefined;
    // The recorded server names no connection.
    response.removeHeader('connection');
    response.writeHead(status, {
      server: 'target/1',
      ...(type !== undefined && { 'content-type': type }),
      ...headers,
      ...(!isChunked && { 'content-length': Buffer.byteLength(body) }),
    });
    response.end(body);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hits,
    async close() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

const bodyOf = (request: IncomingMessage): Promise<Uint8Array> => buffer(request);
