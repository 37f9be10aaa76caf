import type { Clock } from './ports/clock.ts';
import type { Logger } from './ports/logger.ts';

const INTERVAL_MS = 60_000;
// Kinds may carry a host or an activity's name: a cap keeps a long-lived worker's memory flat.
const MAX_KINDS = 200;

/** Warnings that may come thousands of times a second, each kind logged once a minute (Contract §5). */
export interface Warnings {
  /** Logs the message unless one of this kind was logged within the last minute; the next one says how many were not. */
  warn(kind: string, message: string, details?: Readonly<Record<string, unknown>>): void;
}

/** Warnings for the logger, counted by the clock's monotonic time. */
export function createWarnings(logger: Logger, clock: Clock): Warnings {
  const kinds = new Map<string, { readonly last: number; suppressed: number }>();
  return {
    warn(kind, message, details) {
      const now = clock.monotonic();
      const known = kinds.get(kind);
      if (known !== undefined && now - known.last < INTERVAL_MS) {
        known.suppressed++;
        return;
      }
      // Deleted first, so that the map's order is that of the last warning and the oldest kind goes first.
      kinds.delete(kind);
      kinds.set(kind, { last: now, suppressed: 0 });
      for (const oldest of kinds.keys()) {
        if (kinds.size <= MAX_KINDS) break;
        kinds.delete(oldest);
      }
      const suppressed = known?.suppressed ?? 0;
      if (suppressed === 0) logger.warn(message, details);
      else logger.warn(`${message} (and ${suppressed} more since the last warning)`, { ...details, suppressed });
    },
  };
}
