import type { ActivityInfo } from './activity-info.ts';
import type { ErrorDetails } from './error-details.ts';
import { objectJson } from './json.ts';

/** The activity that sends workflow events; asking about it would never end. Contract §2. */
export const EVENT_ACTIVITY = 'send_governance_event';

const SOURCE = 'workflow-telemetry';

/** A workflow event as workflow code makes it: everything but the time, which its sender stamps. Contract §2. */
export type WorkflowEvent = {
  readonly workflow_id: string;
  readonly run_id: string;
  readonly workflow_type: string;
  readonly parent_workflow_id?: string;
  readonly parent_run_id?: string;
} & (
  | { readonly event_type: 'WorkflowStarted'; readonly task_queue: string; readonly activity_input: readonly unknown[] }
  | { readonly event_type: 'WorkflowCompleted'; readonly workflow_output: unknown }
  | { readonly event_type: 'WorkflowFailed'; readonly error: WorkflowErrorDetails }
  | {
      readonly event_type: 'SignalReceived';
      readonly task_queue: string;
      readonly signal_name: string;
      readonly signal_args: readonly unknown[];
    }
);

/** `error_type` is the `ApplicationFailure` type. */
export interface WorkflowErrorDetails extends ErrorDetails {
  readonly cause?: ErrorDetails & { readonly error_type?: string; readonly non_retryable?: boolean };
  readonly root_cause?: ErrorDetails & { readonly error_type?: string };
}

/** How an activity ended. Times are the activity function's own. */
export interface ActivityEnd {
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly output?: unknown;
  readonly error?: ErrorDetails;
}

/** The bodies of one activity attempt. The part they share is serialised once. */
export interface ActivityPayloads {
  started(now: number): string;
  hook(span: string, now: number): string;
  completed(end: ActivityEnd, now: number): string;
}

export function activityPayloads(info: ActivityInfo, input: readonly unknown[]): ActivityPayloads {
  const shared = objectJson({
    workflow_id: info.workflowId,
    run_id: info.runId,
    workflow_type: info.workflowType,
    activity_id: info.activityId,
    activity_type: info.activityType,
    task_queue: info.taskQueue,
    attempt: info.attempt,
    activity_input: input,
  }).slice(1, -1);
  const started = `{"source":"${SOURCE}","event_type":"ActivityStarted",${shared}`;
  return {
    started: (now) => `${started},"timestamp":"${timestamp(now)}"}`,
    hook: (span, now) =>
      `${started},"activity_output":null,"hook_trigger":true,"span_count":1,"spans":[${span}],"timestamp":"${timestamp(now)}"}`,
    completed: (end, now) => {
      const own = objectJson({
        status: end.error === undefined ? 'completed' : 'failed',
        start_time: end.startedAt / 1000,
        end_time: (end.startedAt + end.durationMs) / 1000,
        duration_ms: end.durationMs,
        span_count: 0,
        spans: [],
        activity_output: end.output ?? null,
        error: end.error ?? null,
        timestamp: timestamp(now),
      });
      return `{"source":"${SOURCE}","event_type":"ActivityCompleted",${shared},${own.slice(1)}`;
    },
  };
}

/** The body of a workflow event, stamped now. */
export function workflowPayload(event: Readonly<Record<string, unknown>>, now: number): string {
  return objectJson({ source: SOURCE, ...event, timestamp: timestamp(now) });
}

/** RFC 3339, UTC, milliseconds. */
export function timestamp(now: number): string {
  return new Date(now).toISOString();
}
