import { once } from 'node:events';
import { createServer, get, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A server that all test files share, offered by Vitest's main process and started when the first of them asks. */
export interface SharedServer {
  /** Loopback port that answers with the server's address. */
  readonly port: number;
  /** Ends both. */
  close(): Promise<void>;
}

/** Offers what `start` starts. */
export async function offerServer(start: () => Promise<{ readonly address: string; close(): Promise<void> }>): Promise<SharedServer> {
  let started: ReturnType<typeof start> | undefined;
  const offer = createServer((_, response) => {
    started ??= start();
    started.then(
      ({ address }) => response.end(address),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await once(offer.listen(0, '127.0.0.1'), 'listening');
  return {
    port: (offer.address() as AddressInfo).port,
    close: async () => {
      offer.close();
      // A server that never started has nothing to close, and its error has reached the tests that asked.
      const server = await started?.catch(() => undefined);
      await server?.close();
    },
  };
}

/** The address of the server that is offered on a port. Throws why its server did not start. */
export async function sharedAddress(port: number): Promise<string> {
  // Not fetch: the tests that ask patch it.
  const request = get({ host: '127.0.0.1', port, agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(answer);
  return answer;
}
