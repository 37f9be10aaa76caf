import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Site } from './surface.ts';

/** Where a runner in another process reaches what a `Site` offers. */
export const SITE_CONTROL = '/_site';

export interface RunningSite extends Site, AsyncDisposable {
  /** Forgets the requests seen so far. */
  clear(): Promise<void>;
  close(): Promise<void>;
}

type Page = (response: ServerResponse, body: string) => void | Promise<void>;

const text =
  (status: number, body: string, headers: Record<string, string> = {}): Page =>
  (response) =>
    void response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers }).end(body);

/** A small site on this machine that remembers every request. */
export async function startSite(): Promise<RunningSite> {
  const hits: string[] = [];
  let last = '';
  let release = gate();

  const pages: Readonly<Record<string, Page>> = {
    '/hello': text(200, 'hello'),
    '/redirect': text(302, 'moved', { location: '/hello' }),
    '/missing': text(404, 'no such page'),
    '/forbidden': text(200, 'you should not see this'),
    '/echo': (response, body) => void response.writeHead(201, { 'content-type': 'application/json' }).end(body),
    '/slow-stream': async (response) => {
      response.writeHead(200, { 'content-type': 'text/plain' });
      response.write('first');
      await release.opened;
      response.end('second');
    },
  };

  const seen: Omit<Site, 'url'> & Pick<RunningSite, 'clear'> = {
    hits: async () => [...hits],
    lastBody: async () => last,
    releaseStream: async () => release.open(),
    clear: async () => {
      hits.length = 0;
      release = gate();
    },
  };
  const controls: Readonly<Record<string, () => Promise<unknown>>> = {
    [`${SITE_CONTROL}/hits`]: seen.hits,
    [`${SITE_CONTROL}/last-body`]: seen.lastBody,
    [`${SITE_CONTROL}/release`]: seen.releaseStream,
    [`${SITE_CONTROL}/clear`]: seen.clear,
  };

  const server = createServer((request, response) => {
    const asked = controls[request.url ?? ''];
    if (asked !== undefined) return void asked().then((value) => response.end(JSON.stringify(value ?? null)));
    hits.push(`${request.method} ${request.url}`);
    void read(request).then((body) => {
      last = body;
      return (pages[new URL(request.url ?? '/', 'http://site').pathname] ?? text(404, 'no such page'))(response, body);
    });
  });
  server.on('upgrade', (request, socket) => {
    hits.push(`${request.method} ${request.url}`);
    socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
    socket.pipe(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...seen,
    close,
    [Symbol.asyncDispose]: close,
  };
}

function gate(): { readonly opened: Promise<void>; open(): void } {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

async function read(request: IncomingMessage): Promise<string> {
  let body = '';
  for await (const chunk of request.setEncoding('utf8')) body += chunk as string;
  return body;
}
