import { expect, test } from 'vitest';
import { normalize } from './normalize.ts';
import type { Exchange, Traffic } from './recording.ts';

const common = { workflow_id: 'wf', run_id: 'r-7', task_queue: 'q', timestamp: '2026-03-08T12:00:00.000Z' };
const activity = { ...common, event_type: 'ActivityStarted', activity_id: '5', activity_type: 'echo' };
const span = { hook_type: 'http_request', stage: 'started', span_id: '00f067aa0ba902b7', parent_span_id: '1111111111111111' };

function exchange(body: object, headers: Record<string, string> = {}): Exchange {
  return { path: '/api/v1/governance/evaluate', headers, body: { ...body }, answered: { status: 200 } };
}

const history = ['WORKFLOW_EXECUTION_STARTED', 'MARKER_RECORDED core_patch {"id":"openbox-v2-start","deprecated":false}', 'TIMER_STARTED "id":"x"'];

function traffic(...requests: readonly Exchange[]): Traffic {
  const workflow = { workflow_id: 'wf', ended: 'failed', status: 'FAILED', history, failure: [{ class: 'E', message: 'wf in r-7 at 127.0.0.1:4711' }] };
  return { requests, outcome: { workflows: [workflow], target_server_hits: [], api_key_found_in_history: false } };
}

const stepsOf = (one: Traffic, stream: string): readonly object[] => (normalize(one).get(stream) ?? []).map(({ fields }) => fields);

test('ids get names, in texts too, and what is no id stays', () => {
  const [started, ended] = [stepsOf(traffic(exchange({ ...common, event_type: 'WorkflowStarted' })), 'run 1'), stepsOf(traffic(exchange(common)), 'outcome')];
  expect(started[0]).toMatchObject({ workflow_id: '<workflow 1>', run_id: '<run 1>', task_queue: '<task queue 1>', event_type: 'WorkflowStarted' });
  expect(ended[0]).toMatchObject({ failure: [{ message: '<workflow 1> in <run 1> at 127.0.0.1:<port>' }], patches: ['openbox-v2-start'] });
});

test('times become their kind, and nothing else does', () => {
  const times = { start_time: 1.5, end_time: null, duration_ms: 3, timestamp: '2026-03-08T12:00:00Z' };
  const [step] = stepsOf(traffic(exchange({ ...common, ...times })), 'run 1');
  expect(step).toMatchObject({ start_time: '<seconds>', end_time: null, duration_ms: '<milliseconds>', timestamp: '2026-03-08T12:00:00Z' });
  const hook = { ...activity, hook_trigger: true, spans: [{ ...span, start_time: 10n ** 18n, end_time: 5, duration_ns: '7' }] };
  const [asked] = stepsOf(traffic(exchange(hook)), 'run 1, echo');
  expect(asked).toMatchObject({ span: { start_time: '<nanoseconds>', end_time: '<seconds>', duration_ns: '7' } });
});

test('a span is named by the step that has it first, a parent by its span', () => {
  const hook = (more: object): Exchange => exchange({ ...activity, hook_trigger: true, spans: [{ ...span, http_method: "b'GET'", http_url: 'http://a:1/x', ...more }] });
  const inner = { span_id: '2222222222222222', parent_span_id: span.span_id, http_url: 'http://a:1/y' };
  const steps = normalize(traffic(hook({}), hook(inner), hook({ stage: 'completed' }))).get('run 1, echo') ?? [];
  expect(steps.map(({ label }) => label)).toEqual(['http started GET /x', 'http started GET /y', 'http completed GET /x']);
  expect(steps.map(({ fields }) => fields['span'])).toMatchObject([
    { span_id: '<span of http started GET /x>', parent_span_id: '<a span of no step>' },
    { span_id: '<span of http started GET /y>', parent_span_id: '<span of http started GET /x>' },
    { span_id: '<span of http started GET /x>' },
  ]);
});

test('of the headers those of the contract are left, names in lower case, the key masked', () => {
  const headers = { Authorization: 'Bearer obx_test_k', 'User-Agent': 'OpenBox-SDK/a-v1.2.3', Host: '127.0.0.1:1', Accept: '*/*' };
  const [step] = stepsOf(traffic(exchange(common, headers)), 'run 1');
  expect(step).toHaveProperty('headers', { authorization: 'Bearer <key>', 'user-agent': 'OpenBox-SDK/a-v<version>' });
});

test('activities of one type are told apart by number, and polls belong to theirs', () => {
  const poll = { ...exchange({ workflow_id: 'wf', run_id: 'r-7', activity_id: '6' }), path: '/api/v1/governance/approval' };
  const streams = normalize(traffic(exchange(activity), exchange({ ...activity, activity_id: '6' }), poll));
  expect([...streams].map(([name, steps]) => [name, steps.map(({ label }) => label)])).toEqual([
    ['run 1, echo', ['ActivityStarted']],
    ['run 1, echo 2', ['ActivityStarted', 'approval']],
    ['outcome', ['end of workflow 1', 'outcome']],
  ]);
});
