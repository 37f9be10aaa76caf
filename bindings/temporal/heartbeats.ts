import type { Context } from '@temporalio/activity';
import type { PendingApproval } from '../../core/errors.ts';
import type { Governor } from '../../core/governor.ts';
import type { Grant } from '../../core/grants.ts';
import { activityInfo } from './activity-info.ts';
import { openSealed, sealText } from './sealed.ts';
import type { Sealed } from './workflow/protocol.ts';

/** What is known of an activity's approvals; outlives an attempt, and its worker, in the heartbeat details. */
export interface Approvals {
  readonly pending: readonly PendingApproval[];
  /** When it began to be waited for, Unix milliseconds; absent before that. */
  readonly since?: number | undefined;
  /** What humans have granted. */
  readonly granted: readonly Grant[];
  /** What an approver made of the arguments; absent where nobody changed them. */
  readonly changes?: { readonly value: unknown };
  /** Until the next look, while Core refuses the key: grows. */
  readonly intervalMs?: number;
  /** Attempts that the activity was given for its waits, beyond its own. */
  readonly raised?: number;
}

const NONE: Approvals = { pending: [], granted: [] };
const KEY = '__openbox_approvals';

/** What goes out: the user's details, with ours beside them. */
interface Wrapped {
  /** Sealed, so that an activity cannot grant itself anything by a heartbeat of its own. */
  readonly [KEY]: Sealed;
  readonly details?: unknown;
}

/** An activity's heartbeats, with ours among them. */
export interface Heartbeats {
  readonly approvals: Approvals;
  /** Remembers it for the next attempt. */
  remember(approvals: Approvals): void;
  /** Heartbeats the last details once more. */
  beat(): void;
  /** The user's own last details. */
  readonly latest: unknown;
  /** Where the server has none: those of an earlier scheduling. */
  restore(details: unknown): void;
}

/**
 * Takes the heartbeats of an activity over: the user's details come back in the next attempt as they were, whatever
 * we add to them on the way.
 */
export function openHeartbeats(context: Context, governor: Pick<Governor, 'config' | 'ports'>): Heartbeats {
  const info = context.info as { heartbeatDetails: unknown };
  const { heartbeat } = context;
  const owner = activityInfo(context.info);

  let approvals = NONE;
  let details: unknown = info.heartbeatDetails;
  if (isWrapped(details)) {
    // A seal that another key made, or nobody's, counts for nothing: it is asked again.
    approvals = (openSealed(governor, 'approvals', owner, details[KEY]) as Approvals | undefined) ?? NONE;
    details = info.heartbeatDetails = details.details;
  }
  const beat = (): void => {
    if (approvals === NONE && !hasKey(details)) return heartbeat(details);
    heartbeat({ [KEY]: sealText(governor, 'approvals', owner, approvals), details } satisfies Wrapped);
  };

  (context as { heartbeat: Context['heartbeat'] }).heartbeat = (latest) => {
    details = latest;
    beat();
  };
  return {
    beat,
    get approvals() {
      return approvals;
    },
    get latest() {
      return details;
    },
    restore(earlier) {
      if (details === undefined) details = info.heartbeatDetails = earlier;
    },
    remember(latest) {
      approvals = latest;
      beat();
    },
  };
}

function hasKey(value: unknown): value is { readonly [KEY]: unknown } {
  return typeof value === 'object' && value !== null && KEY in value;
}

function isWrapped(value: unknown): value is Wrapped {
  if (!hasKey(value)) return false;
  const { text, seal } = Object(value[KEY]) as { readonly text?: unknown; readonly seal?: unknown };
  return typeof text === 'string' && typeof seal === 'string';
}
