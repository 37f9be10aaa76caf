import {
  anyText, equals, type Fields, flag, integer, json, type JsonObject, type Kind, kind, list, listOf, nothing, object,
  oneOf, open, optional, orNull, type Relation, text,
} from './kinds.ts';
import { SPAN } from './span.ts';

const TIMESTAMP = kind(
  'RFC 3339 in UTC with milliseconds, such as "2026-03-08T12:00:00.000Z"',
  (value) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(value) && !Number.isNaN(Date.parse(value)),
);
/** Bounds that milliseconds and nanoseconds fall out of. */
const UNIX_SECONDS = kind('Unix seconds', (value) => typeof value === 'number' && value > 1e9 && value < 1e11);
const MILLISECONDS = kind('milliseconds, 0 or more', (value) => typeof value === 'number' && value >= 0);

const COMMON: Fields = {
  source: equals('workflow-telemetry'),
  event_type: text,
  workflow_id: text,
  run_id: text,
  workflow_type: text,
  timestamp: TIMESTAMP,
  multi_agent_session_id: optional(text),
};

const ACTIVITY: Fields = {
  ...COMMON,
  activity_id: text,
  activity_type: text,
  task_queue: text,
  attempt: integer(1),
  activity_input: list,
};

const CAUSE: Fields = { type: text, message: anyText, error_type: optional(text) };
const WORKFLOW_ERROR = object({
  type: text,
  message: anyText,
  cause: optional(object({ ...CAUSE, non_retryable: optional(flag) })),
  root_cause: optional(object(CAUSE)),
});
const ACTIVITY_ERROR = open(object({ type: text, message: anyText }));

const COMPLETED: readonly Relation[] = [
  {
    field: 'error',
    problem: 'Expected an error where status is "failed", and null where it is "completed"',
    holds: (event) => (event['status'] === 'failed') === (event['error'] !== null),
  },
  {
    field: 'end_time',
    problem: 'Expected a time not before start_time',
    holds: (event) => Number(event['end_time']) >= Number(event['start_time']),
  },
];

/** The events Core knows, by their `event_type` (Contract §2, §8). */
export const EVENTS: Readonly<Record<string, Kind>> = {
  WorkflowStarted: object({
    ...COMMON,
    task_queue: text,
    activity_input: list,
    parent_workflow_id: optional(text),
    parent_run_id: optional(text),
  }),
  WorkflowCompleted: object({ ...COMMON, workflow_output: json }),
  WorkflowFailed: object({ ...COMMON, error: WORKFLOW_ERROR }),
  SignalReceived: object({ ...COMMON, task_queue: text, signal_name: text, signal_args: list }),
  ActivityStarted: object(ACTIVITY),
  ActivityCompleted: object(
    {
      ...ACTIVITY,
      status: oneOf(['completed', 'failed']),
      start_time: UNIX_SECONDS,
      end_time: UNIX_SECONDS,
      duration_ms: MILLISECONDS,
      span_count: equals(0),
      spans: kind('an empty array', (value) => Array.isArray(value) && value.length === 0),
      activity_output: json,
      error: orNull(ACTIVITY_ERROR),
    },
    COMPLETED,
  ),
  Handoff: object({
    source: equals('workflow-telemetry'),
    event_type: text,
    from_agent_did: text,
    multi_agent_session_id: text,
    timestamp: TIMESTAMP,
  }),
};

/** Stands in for an event Core does not know: only its `event_type` is told to be wrong. */
export const UNKNOWN_EVENT: Kind = open(object({ event_type: oneOf(Object.keys(EVENTS)) }));

/** The evaluation of one operation at one stage (Contract §3). */
export const HOOK: Kind = object(
  {
    ...ACTIVITY,
    activity_output: nothing,
    hook_trigger: equals(true),
    span_count: equals(1),
    spans: listOf(SPAN, 'an array of exactly one span', (spans) => spans.length === 1),
  },
  [
    {
      field: 'spans[0].activity_id',
      problem: "Expected the event's own activity_id",
      holds: (event) => (event['spans'] as JsonObject[])[0]?.['activity_id'] === event['activity_id'],
    },
  ],
);

/** The question whether an approval was given (Contract §6). */
export const POLL: Kind = object({ workflow_id: text, run_id: text, activity_id: text });
