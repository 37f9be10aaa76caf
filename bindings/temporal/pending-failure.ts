import type { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { ApprovalPendingError } from '../../core/errors.ts';
import type { Governor } from '../../core/governor.ts';
import type { Grant } from '../../core/grants.ts';
import { logWait, waitingFor } from '../../core/waiting-for.ts';
import { activityInfo } from './activity-info.ts';
import { fitsAlong } from './fits-along.ts';
import type { Approvals, Heartbeats } from './heartbeats.ts';
import { sealText } from './sealed.ts';
import { FAILURE_TYPES } from './workflow/failure-types.ts';
import { PENDING, type PendingDetails } from './workflow/protocol.ts';

/** What an activity that waits was called with, and what was granted to it by then. */
export interface Waiting {
  readonly args: readonly unknown[];
  readonly granted: readonly Grant[];
}

/** What tells a workflow to wait, and then to schedule the activity again: never retried by Temporal. */
export function pendingFailure(governor: Governor, context: Context, error: ApprovalPendingError, { args, granted }: Waiting, heartbeats: Heartbeats): ApplicationFailure {
  const { info } = context;
  const { message, pending, end } = error;
  const { activityId, activityType, attempt } = info;
  const carried = end === undefined ? heartbeatOf(governor, context, args, heartbeats) : { carries: 'output' as const, values: [end.output, ...(end.input ?? [])] };
  const since = governor.ports.clock.now();
  const waiting = waitingFor(activityType, pending, since);
  const owner = activityInfo(info);
  logWait(governor, waiting, owner);
  const details: PendingDetails = {
    [PENDING]: true,
    activityId,
    attempts: attempt - 1,
    intervalMs: governor.config.hitlPollIntervalMs,
    waiting,
    state: sealText(governor, 'pending', owner, { pending, granted, since } satisfies Approvals),
    ...(carried && { carries: carried.carries }),
    ...(end && { end: { startedAt: end.startedAt, durationMs: end.durationMs, changed: end.input !== undefined } }),
  };
  return ApplicationFailure.create({
    type: FAILURE_TYPES.approvalPending,
    nonRetryable: true,
    message,
    details: [details, ...(carried?.values ?? [])],
    category: ApplicationFailureCategory.BENIGN,
  });
}

interface Carried {
  readonly carries: 'heartbeat' | 'output';
  readonly values: readonly unknown[];
}

function heartbeatOf({ ports }: Governor, context: Context, args: readonly unknown[], { latest }: Heartbeats): Carried | undefined {
  if (latest === undefined) return undefined;
  if (fitsAlong(context, args, [latest])) return { carries: 'heartbeat', values: [latest] };
  ports.logger.warn('Heartbeat details are too long to be kept while an approval is waited for: the activity begins without them');
  return undefined;
}
