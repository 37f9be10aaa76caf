import { expect, test, vi } from 'vitest';
import { GovernanceBlockedError } from './errors.ts';
import { governSyncIn } from './govern.ts';
import { memorySyncGate } from './ports/sync-gate.ts';
import { ALLOW, CALL, deferred, RESULT, testAttempt, testGovernor } from './test-support.ts';

const allow = {
  verdict: 'allow',
  reason: null,
  policyId: null,
  approvalId: null,
  approvalExpirationTime: null,
  constraints: null,
} as const;

test('asks by the gate before and after', () => {
  const gate = memorySyncGate(() => ({ kind: 'answered', answer: allow }));
  const core = testGovernor(() => ALLOW, {}, gate);
  expect(governSyncIn(testAttempt(core), { ...CALL }, () => 3, RESULT)).toBe(3);
  expect(gate.asked.map((body) => (JSON.parse(body) as { spans: [{ stage: string }] }).spans[0].stage)).toEqual(['started', 'completed']);
  expect(core.steps()).toEqual([]);
});

test('a block means that it does not run', () => {
  const gate = memorySyncGate(() => ({ kind: 'answered', answer: { ...allow, verdict: 'block' } }));
  const run = vi.fn(() => 3);
  expect(() => governSyncIn(testAttempt(testGovernor(() => ALLOW, {}, gate)), { ...CALL }, run, RESULT)).toThrow(GovernanceBlockedError);
  expect(run).not.toHaveBeenCalled();
});

test('without a gate it runs with a warning, or not at all with strict', () => {
  const lax = testGovernor();
  expect(governSyncIn(testAttempt(lax), { ...CALL }, () => 3, RESULT)).toBe(3);
  expect(lax.lines[0]?.message).toContain('runs unasked');
  const run = vi.fn(() => 3);
  const strict = testAttempt(testGovernor(() => ALLOW, { strict: true }));
  expect(() => governSyncIn(strict, { ...CALL }, run, RESULT)).toThrow('cannot be asked about');
  expect(run).not.toHaveBeenCalled();
});

test('a function that returns a promise is told when that has settled', async () => {
  const gate = memorySyncGate(() => ({ kind: 'answered', answer: allow }));
  const core = testGovernor(() => ALLOW, {}, gate);
  const brought = deferred<number>();
  const call = governSyncIn(testAttempt(core), { ...CALL }, () => brought.promise as unknown, RESULT) as Promise<number>;
  expect(core.steps()).toEqual([]);
  brought.resolve(3);
  expect(await call).toBe(3);
  expect(core.asked()[0]?.body['spans']).toMatchObject([{ stage: 'completed', result: '3' }]);
});
