import { formatJson } from './json.ts';
import type { JsonObject } from './kinds.ts';
import { APPROVAL, EVALUATE, VALIDATE, type WireRequest } from './request.ts';

const ID = 'openbox-temporal-typescript-v0.1.0';

/** Valid headers of a call without a body. */
export const HEADERS: Readonly<Record<string, string>> = {
  authorization: 'Bearer obx_test_local',
  'user-agent': `OpenBox-SDK/${ID}`,
  'x-openbox-sdk-version': ID,
};

/** Valid headers of a call with a body. */
export const JSON_HEADERS: Readonly<Record<string, string>> = { ...HEADERS, 'content-type': 'application/json' };

const WORKFLOW: JsonObject = {
  source: 'workflow-telemetry',
  workflow_id: 'order-7',
  run_id: 'run-1',
  workflow_type: 'Order',
  timestamp: '2026-03-08T12:00:00.000Z',
};
const ACTIVITY: JsonObject = {
  ...WORKFLOW,
  activity_id: '1',
  activity_type: 'pay',
  task_queue: 'orders',
  attempt: 1,
  activity_input: [{ amount: 12.5 }],
};

/** A valid event of each type. */
export const EVENT_SAMPLES: Readonly<
  Record<
    | 'WorkflowStarted'
    | 'WorkflowCompleted'
    | 'WorkflowFailed'
    | 'SignalReceived'
    | 'ActivityStarted'
    | 'ActivityCompleted'
    | 'Handoff',
    JsonObject
  >
> = {
  WorkflowStarted: { ...WORKFLOW, event_type: 'WorkflowStarted', task_queue: 'orders', activity_input: ['x'] },
  WorkflowCompleted: { ...WORKFLOW, event_type: 'WorkflowCompleted', workflow_output: null },
  WorkflowFailed: {
    ...WORKFLOW,
    event_type: 'WorkflowFailed',
    error: {
      type: 'ActivityFailure',
      message: '',
      cause: { type: 'ApplicationFailure', message: 'no', error_type: 'GovernanceBlock', non_retryable: true },
      root_cause: { type: 'ApplicationFailure', message: 'no', error_type: 'GovernanceBlock' },
    },
  },
  SignalReceived: { ...WORKFLOW, event_type: 'SignalReceived', task_queue: 'orders', signal_name: 'pay', signal_args: [] },
  ActivityStarted: { ...ACTIVITY, event_type: 'ActivityStarted' },
  ActivityCompleted: {
    ...ACTIVITY,
    event_type: 'ActivityCompleted',
    status: 'completed',
    start_time: 1772971200.25,
    end_time: 1772971201.5,
    duration_ms: 1250.5,
    span_count: 0,
    spans: [],
    activity_output: { ok: true },
    error: null,
  },
  Handoff: {
    source: 'workflow-telemetry',
    event_type: 'Handoff',
    from_agent_did: 'did:aip:6f1d2f0e-0000-4000-8000-000000000001',
    multi_agent_session_id: 'session-1',
    timestamp: '2026-03-08T12:00:00.000Z',
  },
};

const STARTED: JsonObject = {
  span_id: '00f067aa0ba902b7',
  trace_id: '4bf92f3577b34da6a3ce929d0e0e4736',
  parent_span_id: null,
  stage: 'started',
  start_time: 1772971200000000001n,
  end_time: null,
  duration_ns: null,
  status: { code: 'UNSET', description: null },
  events: [],
  activity_id: '1',
  error: null,
};
const COMPLETED: JsonObject = { ...STARTED, stage: 'completed', end_time: 1772971200000500001n, duration_ns: 500_000 };

const HTTP: JsonObject = {
  hook_type: 'http_request',
  name: 'GET',
  kind: 'CLIENT',
  attributes: { 'http.request.method': 'GET', 'url.full': 'https://api.example/orders' },
  http_method: 'GET',
  http_url: 'https://api.example/orders?token=[REDACTED]',
  request_headers: { accept: '*/*', authorization: '[REDACTED]' },
  request_body: null,
  response_headers: null,
  response_body: null,
  http_status_code: null,
};
const DB: JsonObject = {
  hook_type: 'db_query',
  name: 'SELECT',
  kind: 'CLIENT',
  attributes: { 'db.system.name': 'postgresql' },
  db_system: 'postgresql',
  db_name: 'shop',
  db_operation: 'SELECT',
  db_statement: 'SELECT 1',
  server_address: 'db.example',
  server_port: 5432,
  rowcount: null,
};
const FILE: JsonObject = {
  hook_type: 'file_operation',
  name: 'file.read',
  kind: 'INTERNAL',
  attributes: { 'file.path': '/srv/orders.csv' },
  file_path: '/srv/orders.csv',
  file_mode: 'r',
  file_operation: 'read',
  bytes_read: null,
  bytes_written: null,
};
const FUNCTION: JsonObject = {
  hook_type: 'function_call',
  name: 'charge',
  kind: 'INTERNAL',
  attributes: {},
  function: 'charge',
  module: null,
  args: '[12.5]',
  result: null,
};

/** A valid span of each family at each stage. */
export const SPAN_SAMPLES: Readonly<
  Record<
    'http_request' | 'db_query' | 'file_operation' | 'function_call',
    { readonly started: JsonObject; readonly completed: JsonObject }
  >
> = {
  http_request: {
    started: { ...STARTED, ...HTTP },
    completed: {
      ...COMPLETED,
      ...HTTP,
      response_headers: { 'set-cookie': '[REDACTED]' },
      response_body: '',
      http_status_code: 200,
    },
  },
  db_query: { started: { ...STARTED, ...DB }, completed: { ...COMPLETED, ...DB, rowcount: 3 } },
  file_operation: { started: { ...STARTED, ...FILE }, completed: { ...COMPLETED, ...FILE, bytes_read: 12, data: 'a,b' } },
  function_call: { started: { ...STARTED, ...FUNCTION }, completed: { ...COMPLETED, ...FUNCTION, result: '"ok"' } },
};

/** The hook evaluation of that span. */
export function hookOf(span: JsonObject): JsonObject {
  return {
    ...EVENT_SAMPLES.ActivityStarted,
    activity_output: null,
    hook_trigger: true,
    span_count: 1,
    spans: [span],
  };
}

/** A valid poll of the sample activity. */
export const POLL_SAMPLE: JsonObject = { workflow_id: 'order-7', run_id: 'run-1', activity_id: '1' };

/** An evaluation of that event, as it comes over the wire. */
export function evaluation(event: JsonObject): WireRequest {
  return { method: 'POST', path: EVALUATE, headers: JSON_HEADERS, raw: formatJson(event) };
}

export function pollRequest(body: JsonObject = POLL_SAMPLE): WireRequest {
  return { method: 'POST', path: APPROVAL, headers: JSON_HEADERS, raw: formatJson(body) };
}

export function validation(headers: Readonly<Record<string, string>> = HEADERS): WireRequest {
  return { method: 'GET', path: VALIDATE, headers, raw: '' };
}

/** The object without one of its fields. */
export function without(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== name));
}
