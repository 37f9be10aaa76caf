import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { JsonObject } from '../contract/kinds.ts';
import { VALIDATE } from '../contract/request.ts';
import { EVENT_SAMPLES, HEADERS, hookOf, POLL_SAMPLE, SPAN_SAMPLES } from '../contract/test-support.ts';
import type { When } from './policy.ts';
import { type LocalCore, startLocalCore } from './start.ts';
import { pollOf, verdictOf } from './test-support.ts';

const { WorkflowStarted: workflow, SignalReceived: signal, ActivityStarted: activity } = EVENT_SAMPLES;
const http = hookOf(SPAN_SAMPLES.http_request.started);
const db = hookOf(SPAN_SAMPLES.db_query.started);
const file = hookOf(SPAN_SAMPLES.file_operation.started);
const call = hookOf(SPAN_SAMPLES.function_call.completed);
const url = String(SPAN_SAMPLES.http_request.started['http_url']);

type Case<K extends keyof When> = readonly [wanted: When[K], match: JsonObject, other: JsonObject];

/** Of every key: a value, an event that it matches and one that it does not. */
const CASES: { readonly [K in keyof When]-?: Case<K> } = {
  call: ['evaluate', activity, activity],
  event_type: ['ActivityStarted', activity, workflow],
  activity_type: ['pay', activity, { ...activity, activity_type: 'repay' }],
  activity_id: ['1', activity, { ...activity, activity_id: '11' }],
  workflow_type: ['Order', activity, { ...activity, workflow_type: 'order' }],
  workflow_id: ['order-7', activity, { ...activity, workflow_id: 'order-77' }],
  signal_name: ['pay', signal, { ...signal, signal_name: 'stop' }],
  attempt: [1, activity, { ...activity, attempt: 2 }],
  hook: [false, activity, http],
  hook_type: ['db_query', db, file],
  stage: ['completed', call, http],
  http_method: ['GET', http, hookOf({ ...SPAN_SAMPLES.http_request.started, http_method: 'POST' })],
  url: [url, http, hookOf({ ...SPAN_SAMPLES.http_request.started, http_url: `${url}&x=1` })],
  url_starts: ['https://api.example/', http, hookOf({ ...SPAN_SAMPLES.http_request.started, http_url: 'https://b.example/' })],
  url_ends: ['token=[REDACTED]', http, hookOf({ ...SPAN_SAMPLES.http_request.started, http_url: `${url}&x=1` })],
  path: ['/srv/orders.csv', file, hookOf({ ...SPAN_SAMPLES.file_operation.started, file_path: '/srv/orders.csv2' })],
  path_starts: ['/srv/', file, hookOf({ ...SPAN_SAMPLES.file_operation.started, file_path: '/etc/srv/x' })],
  path_ends: ['.csv', file, hookOf({ ...SPAN_SAMPLES.file_operation.started, file_path: '/srv/orders.csv2' })],
  file_operation: ['read', file, hookOf({ ...SPAN_SAMPLES.file_operation.started, file_operation: 'readline' })],
  db_operation: ['SELECT', db, hookOf({ ...SPAN_SAMPLES.db_query.started, db_operation: 'DELETE' })],
  function: ['charge', call, hookOf({ ...SPAN_SAMPLES.function_call.completed, function: 'charges' })],
};

let core: LocalCore;
beforeAll(async () => void (core = await startLocalCore()));
afterAll(() => core.close());

const block = (when: When): Promise<void> => core.setPolicy({ rules: [{ when, answer: { verdict: 'block' } }] });

describe('when', () => {
  it.each(Object.entries(CASES).filter(([key]) => key !== 'call'))('%s', async (key, [wanted, match, other]) => {
    await block({ [key]: wanted });
    expect(await verdictOf(core, match)).toEqual({ verdict: 'block' });
    expect(await verdictOf(core, other)).toEqual({ verdict: 'allow' });
    await block({ [key]: [wanted] });
    expect(await verdictOf(core, match)).toEqual({ verdict: 'block' });
    expect(await verdictOf(core, other)).toEqual({ verdict: 'allow' });
  });

  it('several values: any of them will do', async () => {
    await block({ attempt: [2, 3] });
    const verdicts = await Promise.all([1, 2, 3, 4].map((attempt) => verdictOf(core, { ...activity, attempt })));
    expect(verdicts.map(({ verdict }) => verdict)).toEqual(['allow', 'block', 'block', 'allow']);
  });

  it('several keys: all of them must match', async () => {
    await block({ hook_type: 'http_request', stage: 'completed' });
    expect(await verdictOf(core, http)).toEqual({ verdict: 'allow' });
    expect(await verdictOf(core, call)).toEqual({ verdict: 'allow' });
    expect(await verdictOf(core, hookOf(SPAN_SAMPLES.http_request.completed))).toEqual({ verdict: 'block' });
  });

  it('hook: true', async () => {
    await block({ hook: true });
    expect(await verdictOf(core, http)).toEqual({ verdict: 'block' });
    expect(await verdictOf(core, activity)).toEqual({ verdict: 'allow' });
  });
});

describe('call', () => {
  const validate = async (): Promise<unknown> => (await fetch(core.url + VALIDATE, { headers: HEADERS })).json();

  it('picks one endpoint', async () => {
    await block({ call: 'approval' });
    expect(await pollOf(core)).toEqual({ verdict: 'block' });
    expect(await verdictOf(core, activity)).toEqual({ verdict: 'allow' });
    expect(await validate()).toMatchObject({ valid: true });
    await block({ call: ['validate', 'evaluate'] });
    expect(await validate()).toEqual({ verdict: 'block' });
    expect(await verdictOf(core, activity)).toEqual({ verdict: 'block' });
    expect(await pollOf(core)).toMatchObject({ error: expect.any(String) });
  });

  it('is evaluate where it is left out', async () => {
    await block({});
    expect(await verdictOf(core, activity)).toEqual({ verdict: 'block' });
    expect(await validate()).toMatchObject({ valid: true });
    await block({ activity_id: String(POLL_SAMPLE['activity_id']) });
    expect(await pollOf(core)).toMatchObject({ error: expect.any(String) });
  });
});
