import type { Context } from '@temporalio/activity';
import type { PendingApproval } from '../../core/errors.ts';

/** What is known of an activity's approvals; outlives an attempt, and its worker, in the heartbeat details. */
export interface Approvals {
  readonly pending: readonly PendingApproval[];
  /** Steps that a human has granted. */
  readonly granted: readonly string[];
  /** What an approver made of the arguments; absent where nobody changed them. */
  readonly changes?: { readonly value: unknown };
  /** Until the next look, while Core refuses the key: grows. */
  readonly intervalMs?: number;
}

const NONE: Approvals = { pending: [], granted: [] };
const KEY = '__openbox_approvals';

/** An activity's heartbeats, with ours among them. */
export interface Heartbeats {
  readonly approvals: Approvals;
  /** Remembers it for the next attempt. */
  remember(approvals: Approvals): void;
  /** Heartbeats the last details once more. */
  beat(): void;
}

/**
 * Takes the heartbeats of an activity over: the user's details come back in the next attempt as they were, whatever
 * we add to them on the way.
 */
export function openHeartbeats(context: Context): Heartbeats {
  const info = context.info as { heartbeatDetails: unknown };
  const { heartbeat } = context;
  const earlier: unknown = info.heartbeatDetails;
  let approvals = NONE;
  let details = earlier;
  if (isWrapped(earlier)) {
    approvals = earlier[KEY];
    details = info.heartbeatDetails = earlier['details'];
  }
  const beat = (): void => heartbeat(approvals === NONE ? details : { [KEY]: approvals, details });

  (context as { heartbeat: Context['heartbeat'] }).heartbeat = (latest) => {
    details = latest;
    beat();
  };
  return {
    beat,
    get approvals() {
      return approvals;
    },
    remember(latest) {
      approvals = latest;
      beat();
    },
  };
}

function isWrapped(details: unknown): details is { readonly [KEY]: Approvals; readonly details?: unknown } {
  return typeof details === 'object' && details !== null && KEY in details;
}
