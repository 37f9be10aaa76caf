import { describe, expect, it } from 'vitest';
import type { JsonObject } from '../contract/kinds.ts';
import { EVENT_SAMPLES, hookOf, POLL_SAMPLE, SPAN_SAMPLES } from '../contract/test-support.ts';
import { asksApproval } from './approvals.ts';
import type { Answer, When } from './policy.ts';
import { pollOf, startTestCore, verdictOf } from './test-support.ts';

const EVENT = EVENT_SAMPLES.ActivityStarted;
const HTTP = hookOf(SPAN_SAMPLES.http_request.started);
const FILE = hookOf(SPAN_SAMPLES.file_operation.started);
const ASK: Answer = { verdict: 'require_approval', reason: 'a human must look' };

const core = await startTestCore({ rules: [{ when: {}, answer: ASK }] });

const policy = (answer: Answer, when: When = {}, times?: number): Promise<void> =>
  core.setPolicy({ rules: [{ when, answer, ...(times !== undefined && { times }) }] });

/** Evaluates a step, and gives the id of the approval that it asks for. */
async function ask(event: JsonObject = EVENT): Promise<string> {
  return String((await verdictOf(core, event))['approval_id']);
}

describe('a verdict that asks', () => {
  it.each([
    [{ verdict: 'require_approval' }, true],
    [{ verdict: 'REQUEST-APPROVAL' }, true],
    [{ action: 'request_approval' }, true],
    [{ verdict: 2 }, true],
    [{ verdict: 'allow', action: 'require_approval' }, false],
    [{ verdict: 'require approval' }, false],
    [{}, false],
    [['require_approval'], false],
    [undefined, false],
  ])('%j: %s', (json, asks) => {
    expect(asksApproval(json)).toBe(asks);
  });

  it('gets an id and a time', async () => {
    const before = Date.now();
    const question = await verdictOf(core, EVENT);
    expect(question).toEqual({
      verdict: 'require_approval',
      reason: 'a human must look',
      approval_id: expect.stringMatching(/^apr-\d+$/),
      approval_expiration_time: expect.stringMatching(/Z$/),
    });
    const expires = Date.parse(String(question['approval_expiration_time']));
    expect(expires).toBeGreaterThanOrEqual(before + 3_600_000);
    expect(expires).toBeLessThanOrEqual(Date.now() + 3_600_000);
    expect(await core.approvals()).toEqual([
      {
        id: question['approval_id'],
        ...POLL_SAMPLE,
        activity_type: 'pay',
        about: 'ActivityStarted',
        status: 'pending',
        question: 'a human must look',
        askedAt: expect.any(Number),
        expiresAt: expires,
        polls: 0,
      },
    ]);
  });

  it.each<[keyof typeof SPAN_SAMPLES, string]>([
    ['http_request', 'http_request started GET https://api.example/orders?token=[REDACTED]'],
    ['file_operation', 'file_operation started /srv/orders.csv read'],
    ['db_query', 'db_query started SELECT 1'],
    ['function_call', 'function_call started charge'],
  ])('of %s says what it is about', async (family, about) => {
    await ask(hookOf(SPAN_SAMPLES[family].started));
    expect(await core.approvals()).toMatchObject([{ about, question: 'a human must look' }]);
  });

  it('without a reason or a time that can be read says so', async () => {
    await policy({ verdict: 'require_approval', approval_expiration_time: 'soon' });
    await ask();
    const [approval] = await core.approvals();
    expect(approval).toMatchObject({ expiresAt: null });
    expect(approval).not.toHaveProperty('question');
  });

  it('with an id of its own opens nothing', async () => {
    await policy({ ...ASK, approval_id: 'ap-1' });
    expect(await verdictOf(core, EVENT)).toEqual({ ...ASK, approval_id: 'ap-1' });
    expect(await core.approvals()).toEqual([]);
  });

  it('with another status opens nothing', async () => {
    await policy({ ...ASK, status: 500 });
    expect(await verdictOf(core, EVENT)).toEqual({ verdict: ASK['verdict'], reason: ASK['reason'] });
    expect(await core.approvals()).toEqual([]);
  });

  it('may be the default', async () => {
    await core.setPolicy({ default: ASK });
    expect(await ask()).toMatch(/^apr-/);
  });
});

describe('a poll', () => {
  it('is pending, then granted, and is counted', async () => {
    const id = await ask();
    expect(await pollOf(core)).toEqual({ verdict: 'require_approval', id, approval_expiration_time: expect.any(String) });
    await pollOf(core);
    expect(await core.approve(id)).toMatchObject({ id, status: 'approved', polls: 2 });
    expect(await pollOf(core)).toEqual({ verdict: 'allow', id });
    expect(await core.approvals()).toMatchObject([{ id, status: 'approved', polls: 3 }]);
  });

  it.each([[{ amount: 1 }], [null], [[]], [0]])('is granted with other arguments: %j', async (redactedInput) => {
    const id = await ask();
    await core.approve(id, { redactedInput });
    expect(await pollOf(core)).toEqual({
      verdict: 'allow',
      id,
      guardrails_result: { input_type: 'activity_input', redacted_input: redactedInput, validation_passed: true },
    });
  });

  it('is rejected, with a reason or without', async () => {
    const id = await ask();
    expect(await core.reject(id, 'too dear')).toMatchObject({ status: 'rejected', reason: 'too dear' });
    expect(await pollOf(core)).toEqual({ verdict: 'block', id, reason: 'too dear' });
    const silent = await ask(HTTP);
    expect(await core.reject(silent)).not.toHaveProperty('reason');
    expect(await pollOf(core)).toEqual({ verdict: 'block', id: silent });
  });

  it('is expired: still asked for, its time past', async () => {
    const id = await ask();
    expect((await core.expire(id)).expiresAt).toBeLessThan(Date.now());
    expect(await core.approvals()).toMatchObject([{ id, status: 'expired' }]);
    const answer = await pollOf(core);
    expect(answer).toEqual({ verdict: 'require_approval', id, approval_expiration_time: expect.any(String) });
    expect(Date.parse(String(answer['approval_expiration_time']))).toBeLessThan(Date.now() - 30_000);
  });

  it.each<[string, Partial<Answer>]>([
    ['approval_ttl_ms', { approval_ttl_ms: -1000 }],
    ['a time with Z', { approval_expiration_time: '2020-01-01T00:00:00Z' }],
    ['a time with an offset', { approval_expiration_time: '2020-01-01T00:00:00+02:00' }],
    ['a time without a zone', { approval_expiration_time: '2020-01-01 00:00:00' }],
  ])('is expired by %s', async (_, expiry) => {
    await policy({ ...ASK, ...expiry });
    const id = await ask();
    expect(await core.approvals()).toMatchObject([{ id, status: 'expired' }]);
    await expect(core.approve(id)).rejects.toThrow(`The approval "${id}" is expired already`);
  });

  it('takes a time without a zone as UTC, whatever the zone of this machine', async () => {
    const soon = new Date(Date.now() + 600_000).toISOString().slice(0, 19).replace('T', ' ');
    await policy({ ...ASK, approval_expiration_time: soon });
    await ask();
    expect(await core.approvals()).toMatchObject([{ status: 'pending' }]);
    expect(await pollOf(core)).toMatchObject({ approval_expiration_time: soon });
  });

  it('of another activity finds nothing', async () => {
    await ask();
    for (const field of Object.keys(POLL_SAMPLE)) {
      expect(await pollOf(core, { ...POLL_SAMPLE, [field]: 'other' })).toHaveProperty('error');
    }
  });

  it('reaches each approval that the activity has open, in turns', async () => {
    const ids = [await ask(HTTP), await ask(FILE)];
    const polled: unknown[] = [];
    for (let each = 0; each < 4; each += 1) polled.push((await pollOf(core))['id']);
    expect(polled).toEqual([...ids, ...ids]);
    await core.approve(ids[1] ?? '');
    expect([await pollOf(core), await pollOf(core)]).toMatchObject([
      { id: ids[0], verdict: 'require_approval' },
      { id: ids[1], verdict: 'allow' },
    ]);
  });
});

describe('a step that comes again', () => {
  it('gets the same question while it is open, whatever its span id and attempt', async () => {
    const id = await ask(HTTP);
    const again = hookOf({ ...SPAN_SAMPLES.http_request.started, span_id: '1'.repeat(16), start_time: 1772971200000000009n });
    expect(await ask({ ...again, attempt: 2 })).toBe(id);
    expect(await core.approvals()).toHaveLength(1);
  });

  it('is another where its operation is', async () => {
    const id = await ask(HTTP);
    const other = hookOf({ ...SPAN_SAMPLES.http_request.started, http_url: 'https://b.example/' });
    expect(await ask(other)).not.toBe(id);
    expect(await ask(EVENT)).not.toBe(id);
    expect(await ask({ ...EVENT, activity_id: '2' })).not.toBe(id);
    expect(await core.approvals()).toHaveLength(4);
  });

  it('is allowed once it is granted', async () => {
    await core.approve(await ask());
    expect(await verdictOf(core, EVENT)).toEqual({ verdict: 'allow' });
    expect(await verdictOf(core, EVENT)).toEqual({ verdict: 'allow' });
    expect(await core.approvals()).toHaveLength(1);
  });

  it('asks anew where the policy repeats itself', async () => {
    await policy({ ...ASK, approval_repeats: true });
    const id = await ask();
    await core.approve(id);
    const next = await ask();
    expect(next).not.toBe(id);
    expect(await pollOf(core)).toMatchObject({ id: next, verdict: 'require_approval' });
  });

  it.each(['reject', 'expire'] as const)('asks anew after %s', async (decision) => {
    const id = await ask();
    await core[decision](id);
    const next = await ask();
    expect(next).not.toBe(id);
    expect(await core.approvals()).toMatchObject([{ id }, { id: next, status: 'pending' }]);
  });

  it('gets the open question though the rule is used up, and nothing after the grant', async () => {
    await policy(ASK, {}, 1);
    const id = await ask();
    expect(await ask()).toBe(id);
    await core.approve(id);
    expect(await verdictOf(core, EVENT)).toEqual({ verdict: 'allow' });
  });

  it('obeys another rule rather than its open question', async () => {
    await ask();
    await policy({ verdict: 'halt' });
    expect(await verdictOf(core, EVENT)).toEqual({ verdict: 'halt' });
  });

  it('uses up its grant, so that polls are about the open ones', async () => {
    const first = await ask(HTTP);
    await core.approve(first);
    await verdictOf(core, HTTP);
    const second = await ask(FILE);
    expect([await pollOf(core), await pollOf(core)]).toMatchObject([{ id: second }, { id: second }]);
  });
});

describe('a decision', () => {
  it('is made once', async () => {
    const id = await ask();
    await core.reject(id);
    for (const decide of [core.approve, core.reject, core.expire]) {
      await expect(decide(id)).rejects.toThrow(`The approval "${id}" is rejected already`);
    }
    expect(await core.approvals()).toMatchObject([{ status: 'rejected' }]);
  });

  it('is about an approval there is', async () => {
    await expect(core.approve('x')).rejects.toThrow('No approval "x"; known: none');
    const id = await ask();
    await expect(core.approve('a/b')).rejects.toThrow(`No approval "a/b"; known: ${id}`);
  });

  it('is forgotten by clear', async () => {
    const id = await ask();
    await core.clear();
    expect(await core.approvals()).toEqual([]);
    expect(await pollOf(core)).toHaveProperty('error');
    await expect(core.approve(id)).rejects.toThrow('No approval');
    expect(await ask()).not.toBe(id);
  });
});
