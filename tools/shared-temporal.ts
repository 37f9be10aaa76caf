import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** Loopback port that answers with the address of the Temporal server. */
    temporalDesk: number;
  }
}

/** Address of the Temporal server that all test files share; the first call starts it. Throws when it does not start. */
export async function temporalAddress(): Promise<string> {
  // Not fetch: the tests that ask patch it.
  const request = get({ host: '127.0.0.1', port: inject('temporalDesk'), agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  const answer = await text(response);
  if (response.statusCode !== 200) throw new Error(answer);
  return answer;
}
