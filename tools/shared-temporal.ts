import { inject } from 'vitest';
import { askDesk } from './desk.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Loopback port that answers with the address of the Temporal server. */
    temporalDesk: number;
  }
}

/** Address of the Temporal server that all test files share; the first call starts it. Throws when it does not start. */
export function temporalAddress(): Promise<string> {
  return askDesk(inject('temporalDesk'));
}
