import { expect, test } from 'vitest';
import type { PendingApproval } from './errors.ts';
import { waitingFor } from './waiting-for.ts';

const SINCE = Date.UTC(2026, 0, 2, 3, 4, 5);
const one: PendingApproval = { step: '', place: '', parts: {}, round: 1, approvalId: 'apr-1', expiresAt: null, reason: null, identifier: 'pay' };
const bytesOf = (text: string): number => new TextEncoder().encode(JSON.stringify(text)).length;

test.each<[readonly PendingApproval[], string]>([
  [[one], 'waiting for approval of pay (apr-1) since 2026-01-02 03:04 UTC'],
  [[{ ...one, approvalId: null }], 'waiting for approval of pay since 2026-01-02 03:04 UTC'],
  [[{ ...one, expiresAt: SINCE + 60_000, reason: 'more than 900' }], 'waiting for approval of pay (apr-1) since 2026-01-02 03:04 UTC, expires 2026-01-02 03:05 UTC: more than 900'],
  [
    [{ ...one, identifier: 'https://a.example/', reason: 'look' }, { ...one, approvalId: 'apr-2', expiresAt: SINCE, reason: 'look' }, { ...one, approvalId: 'apr-3', reason: 'and\nthis' }],
    String.raw`waiting for approval of https://a.example/ in pay (apr-1), pay (apr-2), pay (apr-3) since 2026-01-02 03:04 UTC, expires 2026-01-02 03:04 UTC: look; and\nthis`,
  ],
])('it names what is waited for, its ids, since when, until when and why (%#)', (pending, text) => {
  expect(waitingFor('pay', pending, SINCE)).toBe(text);
});

test('where it is not known since when, it says nothing of it', () => {
  expect(waitingFor('pay', [one], undefined)).toBe('waiting for approval of pay (apr-1)');
});

const UUID = '6a5f0f0e-8f43-4c0b-9d5a-3f6f4f6a7b1c';

test.each([
  ['Latin', 'x'],
  ['Chinese', '審'],
  ['emoji', '🦀'],
  ['quotes', '"'],
  ['control characters', '\0'],
])('of %s however long, it fits where Temporal takes 400 bytes, and shows the ids in full', (_what, letter) => {
  const long = letter.repeat(2000);
  const single = waitingFor('pay', [{ ...one, identifier: long, reason: long, approvalId: UUID, expiresAt: SINCE }], SINCE);
  expect(bytesOf(single)).toBeLessThanOrEqual(360);
  expect(single).toContain(`(${UUID}) since`);
  expect(single).toMatch(/UTC: .{4,}…$/u);
  const whole = waitingFor('pay', [{ ...one, identifier: long, reason: long, approvalId: long, expiresAt: SINCE }], SINCE);
  expect(bytesOf(whole)).toBeLessThanOrEqual(360);
});

test('of many it shows some, and counts the others', () => {
  const many = Array.from({ length: 20 }, (_, i) => ({ ...one, identifier: `step ${i}`, approvalId: UUID }));
  const text = waitingFor('pay', many, SINCE);
  expect(text).toMatch(new RegExp(String.raw`^waiting for approval of step 0 in pay \(${UUID}\), step 1 in pay \(${UUID}\), step 2 in pay \(${UUID}\) and 17 more since`, 'u'));
  expect(bytesOf(text)).toBeLessThanOrEqual(360);
});
