import { inject } from 'vitest';
import { sharedAddress } from './shared-server.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Loopback port that answers with the address of the Temporal server. */
    temporalPort: number;
  }
}

/** Address of the Temporal server that all test files share; the first call starts it. Throws when it does not start. */
export function temporalAddress(): Promise<string> {
  return sharedAddress(inject('temporalPort'));
}
