import { describe, expect, it } from 'vitest';
import { formatJson, parseJson } from '../contract/json.ts';
import { EVENT_SAMPLES, hookOf, SPAN_SAMPLES } from '../contract/test-support.ts';
import { pollOf, startTestCore, verdictOf } from './test-support.ts';

const EVENT = EVENT_SAMPLES.ActivityStarted;
const ASK = { rules: [{ when: {}, answer: { verdict: 'require_approval' } }] };

const core = await startTestCore();

/** As a client in another language would: no key, no headers of the SDK. */
async function control(method: string, path: string, body?: string): Promise<{ status: number; json: unknown }> {
  const response = await fetch(`${core.url}/_control${path}`, { method, ...(body !== undefined && { body }) });
  return { status: response.status, json: parseJson(await response.text()) };
}

describe('the control API', () => {
  it('gives the events, their digits kept', async () => {
    await verdictOf(core, hookOf(SPAN_SAMPLES.db_query.completed));
    const { status, json } = await control('GET', '/events');
    expect(status).toBe(200);
    expect(json).toEqual(await core.events());
    expect(formatJson(json)).toContain('"start_time":1772971200000000001,');
  });

  it('gives the events after one, and waits for the next', async () => {
    await verdictOf(core, EVENT);
    const [first] = await core.events();
    const after = `/events?after=${first?.n}`;
    expect(await control('GET', after)).toEqual({ status: 200, json: [] });
    const next = control('GET', `${after}&wait_ms=10000`);
    await verdictOf(core, { ...EVENT, attempt: 2 });
    expect(await next).toMatchObject({ status: 200, json: [{ body: { attempt: 2 } }] });
    expect(await control('GET', `/events?after=${(first?.n ?? 0) + 1}&wait_ms=10`)).toEqual({ status: 200, json: [] });
  });

  it('sets the policy', async () => {
    expect(await control('POST', '/policy', '{"default":{"verdict":"block"}}')).toEqual({ status: 200, json: {} });
    expect(await verdictOf(core, EVENT)).toEqual({ verdict: 'block' });
  });

  it('decides on approvals', async () => {
    await core.setPolicy(ASK);
    for (const [action, body, wanted] of [
      ['approve', undefined, { verdict: 'allow' }],
      ['approve', '{"redacted_input":null}', { verdict: 'allow', guardrails_result: { redacted_input: null } }],
      ['reject', '{"reason":"no"}', { verdict: 'block', reason: 'no' }],
      ['reject', undefined, { verdict: 'block' }],
      ['expire', undefined, { verdict: 'require_approval' }],
    ] as const) {
      await core.clear();
      await verdictOf(core, EVENT);
      const { json } = await control('GET', '/approvals');
      expect(json).toEqual(await core.approvals());
      const [{ id }] = json as [{ id: string }];
      expect(await control('POST', `/approvals/${id}/${action}`, body)).toMatchObject({ status: 200, json: { id } });
      expect(await pollOf(core)).toMatchObject({ id, ...wanted });
    }
  });

  it('clears', async () => {
    await core.setPolicy(ASK);
    await verdictOf(core, EVENT);
    expect(await control('POST', '/clear')).toEqual({ status: 200, json: {} });
    expect(await core.events()).toEqual([]);
    expect(await core.approvals()).toEqual([]);
  });

  it('leaves no event', async () => {
    await control('GET', '/events');
    await control('GET', '');
    expect(await core.events()).toEqual([]);
  });

  it.each([
    ['GET', '/nothing', undefined, 404, 'No such control: GET /_control/nothing; known: GET /events'],
    ['GET', '', undefined, 404, 'No such control'],
    ['GET', '/clear', undefined, 404, 'No such control'],
    ['POST', '/approvals/apr-1/forget', undefined, 404, 'No such control'],
    ['GET', '/events?after=x', undefined, 400, 'Malformed "after": expected a number, got "x"'],
    ['POST', '/approvals/apr-0/approve', undefined, 400, 'No approval "apr-0"; known: none'],
    ['POST', '/approvals/%ff/approve', undefined, 400, 'URI malformed'],
    ['POST', '/approvals/apr-0/approve', '{"redactedInput":1}', 400, 'Malformed request: redactedInput: Unknown field'],
    ['POST', '/approvals/apr-0/reject', '{"reason":1}', 400, 'Malformed request: reason: Expected a string'],
    ['POST', '/policy', undefined, 400, 'Malformed policy: Expected an object'],
    ['POST', '/policy', '"/etc/hostname"', 400, 'Malformed policy: Expected an object'],
    ['POST', '/policy', '{"rules":1}', 400, 'Malformed policy: rules: Expected an array'],
    ['POST', '/policy', '{', 400, 'Expected JSON: '],
  ])('%s %s %s: %d', async (method, path, body, status, error) => {
    expect(await control(method, path, body)).toEqual({ status, json: { error: expect.stringContaining(error) } });
  });

  it('keeps the policy where a new one is malformed', async () => {
    await core.setPolicy({ default: { verdict: 'halt' } });
    await control('POST', '/policy', '{"rules":1}');
    expect(await verdictOf(core, EVENT)).toEqual({ verdict: 'halt' });
  });
});
