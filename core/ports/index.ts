import type { Clock } from './clock.ts';
import type { Digest } from './digest.ts';
import type { Fetch } from './fetch.ts';
import type { FileSystem } from './file-system.ts';
import type { Logger } from './logger.ts';
import type { SyncGate } from './sync-gate.ts';
import type { Tracer } from './tracer.ts';

/** Everything the core asks of a runtime. A binding supplies them; each has an in-memory twin beside it. */
export interface Ports {
  readonly fetch: Fetch;
  readonly clock: Clock;
  /** Absent where nothing runs again after an approval: every wait is in place then. */
  readonly digest?: Digest;
  readonly files: FileSystem;
  readonly logger: Logger;
  readonly tracer: Tracer;
  /** Absent where the runtime cannot block: what `governSync` is given can then not be asked about. */
  readonly syncGate?: SyncGate;
}
