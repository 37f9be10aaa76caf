import { inject } from 'vitest';
import { sharedAddress } from './shared-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Loopback port that answers with the URL of the PostgreSQL server. */
    postgresPort: number;
  }
}

/** URL of the PostgreSQL server that all test files share; the first call starts it. Throws when it does not start. */
export function postgresUrl(): Promise<string> {
  return sharedAddress(inject('postgresPort'));
}
