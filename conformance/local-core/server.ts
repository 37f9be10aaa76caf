import { Buffer } from 'node:buffer';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseJson } from '../contract/json.ts';
import { CONTROL, type Control, createControl } from './control.ts';
import { type CoreOptions, createCore } from './core.ts';
import { jsonReply, type Reply, toReply } from './reply.ts';
import { send } from './send.ts';

export interface ServerOptions extends CoreOptions {
  /** Default 0: any that is free. */
  readonly port?: number;
  /** Loopback only: the control API asks for no key. */
  readonly host?: '127.0.0.1';
}

/** A local Core that listens. */
export interface CoreServer {
  readonly url: string;
  readonly control: Control;
  /** Ends open connections too. */
  close(): Promise<void>;
}

/** Starts a local Core in this very thread. Throws where the port can't be had. */
export async function serve({ port = 0, host = '127.0.0.1', ...options }: ServerOptions): Promise<CoreServer> {
  const core = createCore(options);
  const control = createControl(core);
  const server = createServer((request, response) => void answer(request, response));
  // Node's 5 s close a pooled connection just as a slow test sends its next request on it.
  server.keepAliveTimeout = 75_000;
  server.listen(port, host);
  await once(server, 'listening').catch((cause: unknown) => {
    const why = (cause as Error).message;
    throw new Error(`The local Core could not listen on ${host}:${port}: ${why}; choose another port, or 0 for any`, { cause });
  });
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    control,
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that goes away in the middle of its body has asked nothing.
    const bytes = await bytesOf(request).catch(() => undefined);
    if (!bytes) return;
    const { method = '', url: path = '' } = request;
    const reply = isControl(path)
      ? await controlled(method, path, bytes)
      : core.receive({ method, path, headers: headersOf(request), bytes });
    send(reply, response);
  }

  async function controlled(method: string, path: string, bytes: Buffer): Promise<Reply> {
    try {
      const body = bytes.length > 0 ? parseJson(bytes.toString()) : undefined;
      const { status, json } = await control({ method, path, body });
      return toReply({ status, json });
    } catch (error) {
      return jsonReply(400, { error: `Expected JSON: ${(error as Error).message}` });
    }
  }
}

function isControl(path: string): boolean {
  return path === CONTROL || path.startsWith(`${CONTROL}/`);
}

async function bytesOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function headersOf(request: IncomingMessage): Record<string, string> {
  return Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, [value].flat().join(', ')]));
}
