import type { Context } from '@temporalio/activity';
import { ApplicationFailure, ApplicationFailureCategory } from '@temporalio/common';
import type { ApprovalPendingError, PendingApproval } from '../../core/errors.ts';
import type { Governor } from '../../core/governor.ts';
import type { Grant } from '../../core/grants.ts';
import { printable } from '../../core/text.ts';
import { activityInfo } from './activity-host.ts';
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
  const details: PendingDetails = {
    [PENDING]: true,
    activityId,
    attempts: attempt - 1,
    intervalMs: governor.config.hitlPollIntervalMs,
    waiting: waitingFor(activityType, pending, governor.ports.clock.now()),
    state: sealText(governor, 'pending', activityInfo(info), { pending, granted } satisfies Approvals),
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

/** Temporal takes 400 bytes of a summary. */
const MAX_NAMES = 90;
const MAX_REASON = 120;

/** For Temporal's UI: what is waited for, since when, until when and why. */
function waitingFor(activityType: string, pending: readonly PendingApproval[], now: number): string {
  const names = pending.map(({ identifier }) => (identifier === activityType ? activityType : `${identifier} in ${activityType}`));
  const expiry = Math.min(...pending.map(({ expiresAt }) => expiresAt ?? Infinity));
  const until = Number.isFinite(expiry) ? `, expires ${clockTime(expiry)}` : '';
  const reasons = [...new Set(pending.flatMap(({ reason }) => reason ?? []))].join('; ');
  const why = reasons === '' ? '' : `: ${printable(reasons, MAX_REASON)}`;
  return `waiting for approval of ${printable(names.join(', '), MAX_NAMES)} since ${clockTime(now)}${until}${why}`;
}

function clockTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
