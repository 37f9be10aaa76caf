import { type Context, CompleteAsyncError, type Info } from '@temporalio/activity';
import type { Headers } from '@temporalio/common';
import type { ActivityHost } from '../../core/activity-host.ts';
import type { ActivityInfo } from '../../core/activity-info.ts';
import type { Config } from '../../core/config.ts';
import { createGrants } from '../../core/grants.ts';
import type { Heartbeats } from './heartbeats.ts';
import { firstRunIdOf, terminate } from './terminate.ts';
import { FAILURE_TYPES } from './workflow/failure-types.ts';
import { traceOf } from './workflow/trace-headers.ts';

/** Names the attempt to Core; an activity that no workflow scheduled is its own workflow. */
export function activityInfo(info: Info): ActivityInfo {
  const { activityId, activityType, activityRunId, taskQueue, attempt, workflowType, workflowExecution } = info;
  const standalone = { workflowId: activityId, runId: activityRunId ?? activityId };
  const { workflowId, runId } = workflowExecution ?? standalone;
  return { workflowId, runId, workflowType: workflowType ?? activityType, activityId, activityType, taskQueue, attempt };
}

/** What core needs of Temporal while an activity runs. */
export interface TemporalActivityHost extends ActivityHost {
  /** Whether Temporal would run the activity again after a retryable failure. */
  readonly repeatable: boolean;
}

export function createActivityHost(context: Context, config: Config, heartbeats: Heartbeats, headers: Headers, now: number): TemporalActivityHost {
  const { info, cancellationSignal: signal } = context;
  const repeatable = mayRunAgain(info, config.hitlPollIntervalMs, now);
  const firstRunId = firstRunIdOf(headers);
  return {
    signal,
    firstRunId,
    parent: traceOf(headers),
    repeatable,
    deadline: deadlineOf(info, now),
    grants: createGrants(heartbeats.approvals.granted),
    approval: repeatable ? 'elsewhere' : 'here',
    halt: ({ message }) => terminate(context, firstRunId, message),
    isControlFlow: (error) => error instanceof CompleteAsyncError,
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

/** Whether Temporal would run the activity again after a failure with this delay. A local one would get another id. */
function mayRunAgain(info: Info, delayMs: number, now: number): boolean {
  const { isLocal, retryPolicy, attempt, scheduleToCloseTimeoutMs, scheduledTimestampMs } = info;
  if (isLocal || retryPolicy === undefined) return false;
  const { maximumAttempts = 0, nonRetryableErrorTypes = [] } = retryPolicy;
  const hasAttempts = maximumAttempts === 0 || attempt < maximumAttempts;
  const hasTime = scheduleToCloseTimeoutMs === 0 || now + delayMs < scheduledTimestampMs + scheduleToCloseTimeoutMs;
  return hasAttempts && hasTime && !nonRetryableErrorTypes.includes(FAILURE_TYPES.approvalPending);
}
