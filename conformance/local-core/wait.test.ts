import { beforeEach, describe, expect, it } from 'vitest';
import { EVENT_SAMPLES, hookOf, SPAN_SAMPLES } from '../contract/test-support.ts';
import { startTestCore, verdictOf } from './test-support.ts';

const { ActivityStarted: EVENT, WorkflowStarted } = EVENT_SAMPLES;
const HTTP = hookOf(SPAN_SAMPLES.http_request.started);

const core = await startTestCore();

describe('waitForEvent', () => {
  it('finds the first one that came already', async () => {
    await verdictOf(core, WorkflowStarted);
    await verdictOf(core, EVENT);
    await verdictOf(core, { ...EVENT, attempt: 2 });
    expect((await core.waitForEvent({ event_type: 'ActivityStarted' })).body.attempt).toBe(1);
    expect((await core.waitForEvent({}, { timeoutMs: 0 })).body.event_type).toBe('WorkflowStarted');
  });

  it('waits for one that comes later, past others', async () => {
    const wait = core.waitForEvent({ attempt: 3 });
    for (const attempt of [1, 2, 3]) await verdictOf(core, { ...EVENT, attempt });
    expect((await wait).body.attempt).toBe(3);
  });

  it('takes a predicate', async () => {
    const wait = core.waitForEvent(({ body, answered }) => body.attempt === 2 && answered.status === 200);
    await verdictOf(core, EVENT);
    await verdictOf(core, { ...EVENT, attempt: 2 });
    expect((await wait).body.attempt).toBe(2);
  });

  it('serves several waits at once', async () => {
    const waits = [1, 2, 2].map((attempt) => core.waitForEvent({ attempt }));
    await verdictOf(core, { ...EVENT, attempt: 2 });
    await verdictOf(core, EVENT);
    expect((await Promise.all(waits)).map(({ body }) => body.attempt)).toEqual([1, 2, 2]);
  });

  it('says what came instead', async () => {
    await core.setPolicy({ rules: [{ when: { hook: true }, answer: { fault: 'drop' } }] });
    await verdictOf(core, EVENT);
    await expect(verdictOf(core, HTTP)).rejects.toThrow('fetch failed');
    const wait = core.waitForEvent({ attempt: 9 }, { timeoutMs: 20 });
    const message = await wait.then(String, (error: Error) => error.message);
    expect(message.replaceAll(/\b\d+ evaluate/g, 'n evaluate')).toBe(
      'No request like {"attempt":9} within 20 ms; received: n evaluate ActivityStarted pay 1 (200), ' +
        'n evaluate ActivityStarted pay 1 http_request started (drop)',
    );
  });

  it('says it where nothing came, or too much to tell', async () => {
    await expect(core.waitForEvent(() => false, { timeoutMs: 0 })).rejects.toThrow(
      'No request that the predicate accepts within 0 ms; received: nothing',
    );
    for (let attempt = 1; attempt <= 11; attempt += 1) await verdictOf(core, { ...EVENT, attempt });
    await expect(core.waitForEvent({ attempt: 99 }, { timeoutMs: 0 })).rejects.toThrow(/received: …, (\d+ [^,]+, ){9}\d+ [^,]+$/);
  });

  it('refuses a key that it does not know', async () => {
    const match = JSON.parse('{"activityType":"pay"}') as object;
    await expect(core.waitForEvent(match)).rejects.toThrow('Malformed match: activityType: Unknown field');
  });
});

describe('waitForApproval', () => {
  beforeEach(() => core.setPolicy({ rules: [{ when: {}, answer: { verdict: 'require_approval' } }] }));

  it('finds one that is pending, or waits for it', async () => {
    const wait = core.waitForApproval();
    await verdictOf(core, EVENT);
    const approval = await wait;
    expect(approval).toMatchObject({ status: 'pending', activity_type: 'pay' });
    expect(await core.waitForApproval({ id: approval.id, timeoutMs: 0 })).toEqual(approval);
  });

  it('picks the one that matches', async () => {
    const wait = core.waitForApproval({ workflow_id: 'order-7', run_id: 'run-1', activity_id: '2', activity_type: 'pay' });
    await verdictOf(core, EVENT);
    await verdictOf(core, { ...EVENT, activity_id: '2' });
    expect(await wait).toMatchObject({ activity_id: '2' });
  });

  it('passes over what is decided', async () => {
    await verdictOf(core, EVENT);
    await core.approve((await core.waitForApproval()).id);
    await expect(core.waitForApproval({ activity_id: '1', timeoutMs: 20 })).rejects.toThrow(
      /^No pending approval like \{"activity_id":"1"\} within 20 ms; received: \d+ evaluate ActivityStarted pay 1 \(200\)$/,
    );
  });

  it('refuses a field that it does not know', async () => {
    const match = JSON.parse('{"activityId":"1"}') as object;
    await expect(core.waitForApproval(match)).rejects.toThrow('Malformed match: activityId: Unknown field');
  });
});
