import { describe, expect, it } from 'vitest';
import { EVENTS } from './events.ts';
import type { JsonObject } from './kinds.ts';
import { checkRequest } from './request.ts';
import { EVENT_SAMPLES, evaluation, hookOf, POLL_SAMPLE, pollRequest, SPAN_SAMPLES, without } from './test-support.ts';

const { WorkflowStarted, WorkflowCompleted, WorkflowFailed, SignalReceived, ActivityStarted, ActivityCompleted, Handoff } =
  EVENT_SAMPLES;
const HOOK = hookOf(SPAN_SAMPLES.http_request.started);
const FAILED: JsonObject = { ...ActivityCompleted, status: 'failed', error: { type: 'Error', message: 'x', more: 1 } };
const ROOT_RETRYABLE = { type: 'E', message: '', root_cause: { type: 'E', message: '', non_retryable: true } };

it('has a sample of every event', () => {
  expect(Object.keys(EVENT_SAMPLES).toSorted()).toEqual(Object.keys(EVENTS).toSorted());
});

describe('a valid event', () => {
  it.each<[string, JsonObject]>([
    ...Object.entries(EVENT_SAMPLES),
    ['hook', HOOK],
    ['failed activity', FAILED],
    ['child workflow', { ...WorkflowStarted, parent_workflow_id: 'a', parent_run_id: 'b' }],
    ['event of a session', { ...SignalReceived, multi_agent_session_id: 'session-1' }],
    ['error without causes', { ...WorkflowFailed, error: { type: 'CancelledFailure', message: 'x' } }],
  ])('%s', (_, event) => {
    expect(checkRequest(evaluation(event))).toEqual([]);
  });

  it('needs each of its fields', () => {
    for (const sample of [...Object.values(EVENT_SAMPLES), HOOK]) {
      for (const field of Object.keys(sample)) {
        expect(checkRequest(evaluation(without(sample, field))), field).toMatchObject([{ field }]);
      }
    }
  });

  it('has no field of another event', () => {
    for (const sample of [...Object.values(EVENT_SAMPLES), HOOK]) {
      const violations = checkRequest(evaluation({ ...sample, semantic_type: 'x' }));
      expect(violations).toMatchObject([{ field: 'semantic_type', problem: expect.stringContaining('Unknown field') }]);
    }
  });
});

describe('a violation', () => {
  it.each<[string, JsonObject, string]>([
    ['another source', { ...WorkflowStarted, source: 'x' }, 'source'],
    ['an unknown event', { ...WorkflowStarted, event_type: 'WorkflowPaused' }, 'event_type'],
    ['an event named like a method', { ...WorkflowStarted, event_type: 'toString' }, 'event_type'],
    ['an empty id', { ...WorkflowStarted, workflow_id: '' }, 'workflow_id'],
    ['a time without milliseconds', { ...WorkflowStarted, timestamp: '2026-03-08T12:00:00Z' }, 'timestamp'],
    ['a time with an offset', { ...WorkflowStarted, timestamp: '2026-03-08T12:00:00.000+00:00' }, 'timestamp'],
    ['a time that is none', { ...WorkflowStarted, timestamp: '2026-13-08T12:00:00.000Z' }, 'timestamp'],
    ['a session that is null', { ...WorkflowStarted, multi_agent_session_id: null }, 'multi_agent_session_id'],
    ['arguments that are no array', { ...WorkflowStarted, activity_input: {} }, 'activity_input'],
    ['a failure without a type', { ...WorkflowFailed, error: { message: 'x' } }, 'error.type'],
    ['a root cause with non_retryable', { ...WorkflowFailed, error: ROOT_RETRYABLE }, 'error.root_cause.non_retryable'],
    ['a failure that is null', { ...WorkflowFailed, error: null }, 'error'],
    ['signal arguments that are no array', { ...SignalReceived, signal_args: null }, 'signal_args'],
    ['attempt 0', { ...ActivityStarted, attempt: 0 }, 'attempt'],
    ['an unknown status', { ...ActivityCompleted, status: 'cancelled' }, 'status'],
    ['milliseconds for seconds', { ...ActivityCompleted, end_time: 1772971201500 }, 'end_time'],
    ['an end before the start', { ...ActivityCompleted, end_time: 1772971200 }, 'end_time'],
    ['a negative duration', { ...ActivityCompleted, duration_ms: -1 }, 'duration_ms'],
    ['spans at the end', { ...ActivityCompleted, spans: [SPAN_SAMPLES.db_query.completed] }, 'spans'],
    ['a span count at the end', { ...ActivityCompleted, span_count: 1 }, 'span_count'],
    ['an error of what completed', { ...ActivityCompleted, error: FAILED['error'] }, 'error'],
    ['a failure without an error', { ...FAILED, error: null }, 'error'],
    ['a hook trigger that is no boolean', { ...HOOK, hook_trigger: { type: 'x' } }, 'hook_trigger'],
    ['a hook with an output', { ...HOOK, activity_output: 1 }, 'activity_output'],
    ['a hook with two spans', { ...HOOK, spans: [SPAN_SAMPLES.db_query.started, SPAN_SAMPLES.db_query.started] }, 'spans'],
    ['a hook without a span', { ...HOOK, spans: [] }, 'spans'],
    ['a span of another activity', hookOf({ ...SPAN_SAMPLES.db_query.started, activity_id: '2' }), 'spans[0].activity_id'],
    ['a hook at the end of an activity', { ...ActivityCompleted, hook_trigger: true }, 'hook_trigger'],
    ['a handoff of a workflow', { ...Handoff, workflow_id: 'x' }, 'workflow_id'],
    ['an output under another name', { ...WorkflowCompleted, activity_output: 1 }, 'activity_output'],
  ])('%s', (_, event, field) => {
    expect(checkRequest(evaluation(event))).toMatchObject([{ field }]);
  });

  it('a body that is no object', () => {
    for (const raw of ['[]', 'null', '"x"', '1']) {
      expect(checkRequest({ ...evaluation({}), raw })).toMatchObject([{ field: 'body' }]);
    }
  });
});

describe('a poll', () => {
  it('names the activity', () => {
    expect(checkRequest(pollRequest())).toEqual([]);
    for (const field of Object.keys(POLL_SAMPLE)) {
      expect(checkRequest(pollRequest(without(POLL_SAMPLE, field)))).toMatchObject([{ field }]);
    }
    expect(checkRequest(pollRequest({ ...POLL_SAMPLE, approval_id: 'x' }))).toMatchObject([{ field: 'approval_id' }]);
  });
});
