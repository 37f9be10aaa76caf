import { describe, expect, it } from 'vitest';
import { formatJson } from '../contract/json.ts';
import { APPROVAL, EVALUATE, VALIDATE } from '../contract/request.ts';
import { EVENT_SAMPLES, HEADERS, hookOf, JSON_HEADERS, POLL_SAMPLE, SPAN_SAMPLES, without } from '../contract/test-support.ts';
import { type LocalCore, startLocalCore } from './start.ts';
import { post, startTestCore, verdictOf } from './test-support.ts';

const EVENT = EVENT_SAMPLES.ActivityStarted;
const STOPS = { rules: [{ when: {}, answer: { verdict: 'block' } }] };

const strict = await startTestCore();
const lenient = await startTestCore({}, { strict: false });

describe('the key', () => {
  const validate = (core: LocalCore, key: string): Promise<Response> =>
    fetch(core.url + VALIDATE, { headers: { ...HEADERS, authorization: `Bearer ${key}` } });

  it('is valid where it is well formed, unless keys are named', async () => {
    const valid = await validate(strict, 'obx_live_any');
    expect(valid.status).toBe(200);
    expect(await valid.json()).toEqual({
      valid: true,
      active: true,
      agent_id: expect.any(String),
      agent_name: expect.any(String),
      environment: expect.any(String),
      message: expect.any(String),
    });
    expect((await validate(strict, 'sk-1')).status).toBe(401);
    expect((await fetch(strict.url + VALIDATE)).status).toBe(401);
  });

  it('is one of those named', async () => {
    await using core = await startLocalCore({ apiKeys: ['obx_test_a', 'obx_live_b'] });
    expect(core.apiKey).toBe('obx_test_a');
    expect((await validate(core, 'obx_test_a')).status).toBe(200);
    expect((await validate(core, 'obx_live_b')).status).toBe(200);
    expect((await validate(core, 'obx_test_c')).status).toBe(401);
  });

  it('is asked for on every call, before anything else', async () => {
    await lenient.setPolicy(STOPS);
    for (const path of [EVALUATE, APPROVAL, '/elsewhere']) {
      expect((await post(lenient, path, 'no JSON', { headers: { authorization: 'Bearer x' } })).status).toBe(401);
    }
    expect((await lenient.events()).map(({ answered }) => answered.status)).toEqual([401, 401, 401]);
  });

  it('may be refused by a rule', async () => {
    await strict.setPolicy({ rules: [{ when: { call: 'validate' }, answer: { json: { valid: false } } }] });
    expect(await (await validate(strict, 'obx_test_a')).json()).toEqual({ valid: false });
  });

  it('malformed can not be named', async () => {
    await expect(startLocalCore({ apiKeys: [] })).rejects.toThrow('Malformed apiKeys');
    await expect(startLocalCore({ apiKeys: ['obx_test_a', 'sk-hunter2'] })).rejects.toThrow('Malformed apiKeys');
    await expect(startLocalCore({ apiKeys: ['sk-hunter2'] })).rejects.not.toThrow('hunter2');
  });
});

describe('a request that breaks the contract', () => {
  const broken = without(EVENT, 'task_queue');

  it('is refused, before any rule', async () => {
    await strict.setPolicy({ rules: [{ when: {}, answer: { verdict: 'block' }, times: 1 }] });
    const response = await post(strict, EVALUATE, broken);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ error: expect.stringContaining('task_queue: Missing'), field: 'task_queue' });
    expect(await verdictOf(strict, EVENT)).toEqual({ verdict: 'block' });
  });

  it('is only noted where Core is lenient', async () => {
    expect(await verdictOf(lenient, broken)).toEqual({ verdict: 'allow' });
    const [event] = await lenient.events();
    expect(event?.violations).toEqual([{ field: 'task_queue', problem: expect.stringContaining('Missing') }]);
  });

  it('as Core itself refuses it is refused either way', async () => {
    for (const core of [strict, lenient]) {
      for (const body of [{ ...EVENT, event_type: 'Odd' }, without(EVENT, 'event_type'), 'no JSON', '[]']) {
        expect((await post(core, EVALUATE, body)).status).toBe(400);
      }
    }
  });

  it('in its headers, its method, its path', async () => {
    expect((await post(strict, EVALUATE, EVENT, { headers: { 'user-agent': 'x' } })).status).toBe(400);
    expect((await post(lenient, EVALUATE, EVENT, { headers: { 'user-agent': 'x' } })).status).toBe(200);
    for (const core of [strict, lenient]) {
      expect((await post(core, EVALUATE, EVENT, { method: 'PUT' })).status).toBe(405);
      expect((await post(core, '/api/v2', EVENT)).status).toBe(404);
      expect((await core.events()).at(-1)?.violations).toMatchObject([{ field: 'path' }]);
    }
  });

  it('in its bytes', async () => {
    const latin1 = Buffer.from(formatJson({ ...EVENT, activity_input: ['é'] }), 'latin1');
    const init = { method: 'POST', headers: JSON_HEADERS };
    expect((await fetch(strict.url + EVALUATE, { ...init, body: latin1 })).status).toBe(400);
    expect((await fetch(lenient.url + EVALUATE, { ...init, body: latin1 })).status).toBe(200);
    expect((await lenient.events())[0]?.violations).toEqual([{ field: 'raw', problem: 'Expected UTF-8' }]);
    const marked = Buffer.from(`\uFEFF${formatJson(EVENT)}`);
    expect((await fetch(lenient.url + EVALUATE, { ...init, body: marked })).status).toBe(400);
  });
});

describe('an event', () => {
  it('is kept as it came', async () => {
    const before = Date.now();
    const sent = hookOf(SPAN_SAMPLES.db_query.completed);
    await post(strict, EVALUATE, sent, { headers: { 'X-Mine': 'Yes' } });
    const [event] = await strict.events();
    expect(event).toEqual({
      n: expect.any(Number),
      at: expect.any(Number),
      method: 'POST',
      path: EVALUATE,
      headers: expect.objectContaining({ ...JSON_HEADERS, 'x-mine': 'Yes' }),
      body: sent,
      raw: formatJson(sent),
      answered: { status: 200, json: { verdict: 'allow' } },
      violations: [],
    });
    expect(event?.at).toBeGreaterThanOrEqual(before);
    expect(event?.at).toBeLessThanOrEqual(Date.now());
    expect(event?.body.spans?.[0]?.['start_time']).toBe(SPAN_SAMPLES.db_query.completed['start_time']);
  });

  it('has an empty body where there is no JSON object', async () => {
    await fetch(strict.url + VALIDATE, { headers: HEADERS });
    await post(strict, EVALUATE, 'no JSON');
    await post(strict, EVALUATE, '[1]');
    expect((await strict.events()).map(({ raw, body }) => [raw, body])).toEqual([
      ['', {}],
      ['no JSON', {}],
      ['[1]', {}],
    ]);
  });

  it('is numbered in order, also after clear', async () => {
    await verdictOf(strict, EVENT);
    await verdictOf(strict, EVENT);
    const numbers = (await strict.events()).map(({ n }) => n);
    expect(numbers[1]).toBe((numbers[0] ?? 0) + 1);
    await strict.clear();
    expect(await strict.events()).toEqual([]);
    await verdictOf(strict, EVENT);
    expect((await strict.events()).map(({ n }) => n)).toEqual([(numbers[1] ?? 0) + 1]);
  });
});

describe('a policy', () => {
  const ask = async (count: number): Promise<unknown[]> => {
    const verdicts: unknown[] = [];
    for (let each = 0; each < count; each += 1) verdicts.push((await verdictOf(strict, EVENT))['verdict']);
    return verdicts;
  };

  it('answers by the first rule that is not used up, then by its default', async () => {
    await strict.setPolicy({
      words: 'halt once, block twice',
      rules: [
        { when: { activity_type: 'other' }, answer: { verdict: 'never' } },
        { when: {}, answer: { verdict: 'halt' }, times: 1 },
        { when: {}, answer: { verdict: 'block' }, times: 2 },
      ],
      default: { verdict: 'constrain' },
    });
    expect(await ask(5)).toEqual(['halt', 'block', 'block', 'constrain', 'constrain']);
  });

  it('counts anew after clear, and when it is set', async () => {
    const policy = { rules: [{ when: {}, answer: { verdict: 'halt' }, times: 1 }] };
    await strict.setPolicy(policy);
    expect(await ask(2)).toEqual(['halt', 'allow']);
    await strict.clear();
    expect(await ask(2)).toEqual(['halt', 'allow']);
    await strict.setPolicy(policy);
    expect(await ask(2)).toEqual(['halt', 'allow']);
  });

  it('can be given at the start', async () => {
    await using core = await startLocalCore({ policy: STOPS });
    expect(await verdictOf(core, EVENT)).toEqual({ verdict: 'block' });
  });

  it('says what a poll gets that nobody asked for', async () => {
    expect((await post(strict, APPROVAL, POLL_SAMPLE)).status).toBe(404);
    await strict.setPolicy({ rules: [{ when: { call: 'approval' }, answer: { verdict: 'allow', id: 'ap-1' } }] });
    expect(await (await post(strict, APPROVAL, POLL_SAMPLE)).json()).toEqual({ verdict: 'allow', id: 'ap-1' });
  });
});
