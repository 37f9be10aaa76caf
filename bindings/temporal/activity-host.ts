import { type Context, CompleteAsyncError, type Info } from '@temporalio/activity';
import type { ActivityExecuteInput } from '@temporalio/worker';
import type { ActivityHost } from '../../core/activity-host.ts';
import type { Governor } from '../../core/governor.ts';
import { createGrants } from '../../core/grants.ts';
import { fitsAlong } from './fits-along.ts';
import { firstRunIdOf } from './header-fields.ts';
import type { Heartbeats } from './heartbeats.ts';
import type { Scheduling } from './scheduling.ts';
import { terminate } from './terminate.ts';
import { FAILURE_TYPES } from './workflow/failure-types.ts';
import { traceOf } from './workflow/trace-headers.ts';

/** What core needs of Temporal while an activity runs. */
export interface TemporalActivityHost extends ActivityHost {
  /** Whether the workflow waits for approvals, and not the activity's own retries. */
  readonly waits: boolean;
}

export function createActivityHost(
  context: Context,
  { config, ports }: Governor,
  heartbeats: Heartbeats,
  { waits, args, grants }: Scheduling,
  headers: ActivityExecuteInput['headers'],
): TemporalActivityHost {
  const { info, cancellationSignal: signal } = context;
  const now = ports.clock.now();
  const { raised = 0 } = heartbeats.approvals;
  const firstRunId = firstRunIdOf(headers);
  return {
    signal,
    waits,
    firstRunId,
    parent: traceOf(headers),
    deadline: deadlineOf(info, now),
    grants: createGrants(grants),
    approval: waits || mayRunAgain(info, config.hitlPollIntervalMs, now) ? 'elsewhere' : 'here',
    once: info.retryPolicy?.maximumAttempts === 1 + raised,
    halt: ({ message }) => terminate(context, firstRunId, message),
    isControlFlow: (error) => error instanceof CompleteAsyncError,
    ...(waits && { keeps: (values) => fitsAlong(context, args, values) }),
    keepAlive() {
      const { heartbeatTimeoutMs = 0 } = info;
      if (heartbeatTimeoutMs === 0) return () => {};
      const timer = setInterval(heartbeats.beat, heartbeatTimeoutMs / 2);
      return () => clearInterval(timer);
    },
  };
}

/** Temporal leaves a timeout that is not set at 0. */
function deadlineOf({ startToCloseTimeoutMs, scheduleToCloseTimeoutMs, scheduledTimestampMs }: Info, now: number): number {
  return Math.min(
    startToCloseTimeoutMs > 0 ? now + startToCloseTimeoutMs : Infinity,
    scheduleToCloseTimeoutMs > 0 ? scheduledTimestampMs + scheduleToCloseTimeoutMs : Infinity,
  );
}

/** Whether Temporal would run the activity again after a failure with this delay, or can be brought to it. A local one would get another id. */
function mayRunAgain(info: Info, delayMs: number, now: number): boolean {
  const { isLocal, retryPolicy, scheduleToCloseTimeoutMs, scheduledTimestampMs } = info;
  if (isLocal || retryPolicy === undefined) return false;
  const { nonRetryableErrorTypes = [] } = retryPolicy;
  const hasTime = scheduleToCloseTimeoutMs === 0 || now + delayMs < scheduledTimestampMs + scheduleToCloseTimeoutMs;
  return hasTime && !nonRetryableErrorTypes.includes(FAILURE_TYPES.approvalPending);
}
