import { expect, test } from 'vitest';
import { OpenBoxAuthError, OpenBoxNetworkError } from './errors.ts';
import type { CannedAnswer } from './ports/fetch.ts';
import { testGovernor } from './test-support.ts';

const client = (answer: CannedAnswer) => testGovernor(() => answer).governor.client;
const failing = () =>
  testGovernor(() => {
    throw new TypeError('fetch failed');
  }).governor.client;

test.each<[string, CannedAnswer, string]>([
  ['a verdict', { json: { verdict: 'allow' } }, 'answered'],
  ['an unknown verdict', { json: { verdict: 'sure' } }, 'unfollowable'],
  ['no verdict', { json: {} }, 'unfollowable'],
  ['too much', { text: `{"verdict":"allow","reason":"${'x'.repeat(5 * 1024 * 1024)}"}` }, 'unfollowable'],
  ['not JSON', { text: 'allow' }, 'unreachable'],
  ['a JSON array', { json: ['allow'] }, 'unreachable'],
  ['a JSON string', { json: 'allow' }, 'unreachable'],
  ['a JSON number', { json: 0 }, 'unreachable'],
  ['null', { json: null }, 'unreachable'],
  ['an empty body', { text: '' }, 'unreachable'],
  ['201', { status: 201, json: { verdict: 'allow' } }, 'unreachable'],
  ['204', { status: 204, json: { verdict: 'allow' } }, 'unreachable'],
  ['a redirect', { status: 302, json: { verdict: 'allow' }, headers: { location: '/x' } }, 'unreachable'],
  ['400', { status: 400, json: { verdict: 'allow' } }, 'unreachable'],
  ['500', { status: 500, json: { verdict: 'allow' } }, 'unreachable'],
  ['401', { status: 401, json: { verdict: 'allow' } }, 'unauthorized'],
  ['403', { status: 403 }, 'unauthorized'],
])('%s is sorted as it should be (fault: no-answer-passes)', async (_name, answer, kind) => {
  expect((await client(answer).evaluate('{}')).kind).toBe(kind);
});

test('a network failure is not reached', async () => {
  expect(await failing().evaluate('{}')).toEqual({ kind: 'unreachable', problem: 'fetch failed', outage: true });
});

test('validate accepts a valid key', async () => {
  await expect(client({ json: { valid: true, active: true } }).validate()).resolves.toBeUndefined();
});

test.each<[string, CannedAnswer]>([
  ['401', { status: 401 }],
  ['403', { status: 403 }],
  ['valid: false', { json: { valid: false, active: true } }],
  ['active: false', { json: { valid: true, active: false } }],
])('validate refuses a key on %s (fault: inactive-key-accepted)', async (_name, answer) => {
  await expect(client(answer).validate()).rejects.toThrow(OpenBoxAuthError);
});

test.each<[string, CannedAnswer]>([
  ['500', { status: 500 }],
  ['204', { status: 204 }],
  ['not JSON', { text: 'ok' }],
])('validate calls %s a network error (fault: odd-answer-blamed-on-key)', async (_name, answer) => {
  await expect(client(answer).validate()).rejects.toThrow(OpenBoxNetworkError);
});

test('a start-up failure says where and what to do, and never the key', async () => {
  const error = await failing()
    .validate()
    .catch((caught: unknown) => caught as Error);
  expect(error).toBeInstanceOf(OpenBoxNetworkError);
  expect((error as Error).message).toContain('http://localhost:8086');
  expect((error as Error).message).toContain('OPENBOX_URL');
  expect((error as Error).message).not.toContain('obx_test_core');
});

const POLL = { workflowId: 'w', runId: 'r', activityId: '2' };

test.each<[string, CannedAnswer, string]>([
  ['allow', { json: { verdict: 'allow', id: 'a' } }, 'granted'],
  ['action wins over verdict', { json: { action: 'block', verdict: 'allow', id: 'a' } }, 'rejected'],
  ['block', { json: { verdict: 'block', id: 'a', reason: 'no' } }, 'rejected'],
  ['halt', { json: { verdict: 'halt', id: 'a', reason: 'no' } }, 'halted'],
  ['a halt of another approval', { json: { verdict: 'halt', id: 'b' } }, 'pending'],
  ['another approval', { json: { verdict: 'allow', id: 'b' } }, 'pending'],
  ['no id', { json: { verdict: 'allow' } }, 'pending'],
  ['no verdict', { json: { id: 'a' } }, 'pending'],
  ['an unknown verdict', { json: { verdict: 'yes', id: 'a' } }, 'pending'],
  ['garbage', { text: 'granted' }, 'pending'],
  ['500', { status: 500 }, 'pending'],
  ['past its time', { json: { verdict: 'require_approval', id: 'a', approval_expiration_time: '2020-01-01T00:00:00Z' } }, 'expired'],
  ['granted in time, looked at late', { json: { verdict: 'allow', id: 'a', approval_expiration_time: '2020-01-01 00:00:00' } }, 'granted'],
])('a poll: %s (fault: poll-with-unknown-word-grants)', async (_name, answer, status) => {
  expect((await client(answer).approval(POLL, { approvalId: 'a', expiresAt: null })).status.status).toBe(status);
});

/** The manual clock's beginning, and how long ago the time given with the question was up. */
const NOW = Date.UTC(2026, 0, 1);
const [JUST, LONG] = [59_000, 61_000];

test.each<[string, number, CannedAnswer, string]>([
  ['500', JUST, { status: 500 }, 'pending'],
  ['500', LONG, { status: 500 }, 'expired'],
  ['garbage', LONG, { text: 'granted' }, 'expired'],
  ['too much', LONG, { text: `{"verdict":"allow","reason":"${'x'.repeat(5 * 1024 * 1024)}"}` }, 'expired'],
  ['another approval', JUST, { json: { verdict: 'allow', id: 'b' } }, 'pending'],
  ['another approval', LONG, { json: { verdict: 'allow', id: 'b' } }, 'expired'],
  ['a refused key', LONG, { status: 401 }, 'pending'],
  ['a grant', LONG, { json: { verdict: 'allow', id: 'a' } }, 'granted'],
  ['a rejection', LONG, { json: { verdict: 'block', id: 'a' } }, 'rejected'],
  ['a later time', LONG, { json: { verdict: 'require_approval', id: 'a', approval_expiration_time: '2030-01-01T00:00:00Z' } }, 'pending'],
])('a poll that brings %s, %i ms after its time', async (_name, ago, answer, status) => {
  expect((await client(answer).approval(POLL, { approvalId: 'a', expiresAt: NOW - ago })).status.status).toBe(status);
});

test('a poll that fails goes by the clock of whoever answered it', async () => {
  const answer = { status: 500, headers: { date: 'Wed, 31 Dec 2025 00:00:00 GMT' } };
  expect((await client(answer).approval(POLL, { approvalId: 'a', expiresAt: NOW - LONG })).status.status).toBe('pending');
});

test('a poll that brings another approval tells of that one, where it is waited for too', async () => {
  const [open, other] = [{ approvalId: 'a', expiresAt: null }, { approvalId: 'b', expiresAt: null }];
  const looking = client({ json: { verdict: 'allow', id: 'b' } });
  expect(await looking.approval(POLL, open, {}, [open, other])).toEqual({ about: other, status: { status: 'granted' } });
});

test("the expiry goes by Core's own clock", async () => {
  const json = { verdict: 'require_approval', id: 'a', approval_expiration_time: '2030-01-01T00:00:00Z' };
  const late = client({ json, headers: { date: 'Wed, 02 Jan 2030 00:00:00 GMT' } });
  expect((await late.approval(POLL, { approvalId: 'a', expiresAt: null })).status.status).toBe('expired');
  const early = client({ json });
  expect((await early.approval(POLL, { approvalId: 'a', expiresAt: null })).status.status).toBe('pending');
});
