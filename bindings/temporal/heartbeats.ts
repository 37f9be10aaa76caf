import type { Context } from '@temporalio/activity';
import type { PendingApproval } from '../../core/errors.ts';
import type { Governor } from '../../core/governor.ts';
import { toJson } from '../../core/json.ts';
import { activityInfo } from './activity-host.ts';

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

/** What goes out: the user's details, with ours beside them. */
interface Wrapped {
  /** Sealed, so that an activity cannot grant itself anything by a heartbeat of its own. */
  readonly [KEY]: { readonly text: string; readonly seal: string };
  readonly details?: unknown;
}

/** An activity's heartbeats, with ours among them. */
export interface Heartbeats {
  readonly approvals: Approvals;
  /** Remembers it for the next attempt. */
  remember(approvals: Approvals): void;
  /** Heartbeats the last details once more. */
  beat(): void;
}

/** Where nothing can seal, nothing is taken for granted. */
const NO_SEAL = '';

/**
 * Takes the heartbeats of an activity over: the user's details come back in the next attempt as they were, whatever
 * we add to them on the way.
 */
export function openHeartbeats(context: Context, { config, ports }: Pick<Governor, 'config' | 'ports'>): Heartbeats {
  const info = context.info as { heartbeatDetails: unknown };
  const { heartbeat } = context;
  const { workflowId, runId, activityId } = activityInfo(context.info);
  const sealOf = (text: string): string =>
    ports.digest?.hmac(config.apiKey.reveal(), toJson(['approvals', workflowId, runId, activityId, text])) ?? NO_SEAL;

  let approvals = NONE;
  let details: unknown = info.heartbeatDetails;
  if (isWrapped(details)) {
    const { text, seal } = details[KEY];
    // A seal that another key made, or nobody's, counts for nothing: it is asked again.
    if (seal !== NO_SEAL && seal === sealOf(text)) approvals = JSON.parse(text) as Approvals;
    details = info.heartbeatDetails = details.details;
  }
  const beat = (): void => {
    if (approvals === NONE && !hasKey(details)) return heartbeat(details);
    const text = JSON.stringify(approvals);
    heartbeat({ [KEY]: { text, seal: sealOf(text) }, details } satisfies Wrapped);
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
