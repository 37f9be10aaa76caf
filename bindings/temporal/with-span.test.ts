import { expect, test } from 'vitest';
import { runActivity } from '../../core/activity.ts';
import type { ApprovalPendingError } from '../../core/errors.ts';
import { createGate } from '../../core/gate.ts';
import { at, INFO, type TestGovernor, testGovernor, testHost } from '../../core/test-support.ts';
import { createWithSpan, type WithSpan } from './with-span.ts';

const inActivity = ({ governor }: TestGovernor, body: (withSpan: WithSpan) => Promise<unknown>, host = testHost()): Promise<unknown> =>
  runActivity(governor, INFO, [], () => body(createWithSpan(createGate(governor.scopes))), host);

test('outside an activity the code just runs', async () => {
  const outside = testGovernor();
  const withSpan = createWithSpan(createGate(outside.governor.scopes));
  expect(await withSpan('plan', () => 3)).toBe(3);
  await expect(withSpan('plan', () => Promise.reject(new Error('own')))).rejects.toThrow('own');
  expect(outside.steps()).toEqual([]);
});

test('inside one it is a function that is asked about and reported', async () => {
  const inside = testGovernor();
  const options = { module: 'agent', args: ['goal'] };
  expect(await inActivity(inside, (withSpan) => withSpan('plan', async () => ({ steps: 2 }), options))).toEqual({ steps: 2 });
  expect(inside.steps()).toEqual(['ActivityStarted', 'started', 'completed', 'ActivityCompleted']);
  const [, started, completed] = inside.asked().map(({ body }) => (body['spans'] as [object] | undefined)?.[0]);
  expect(started).toMatchObject({ hook_type: 'function_call', function: 'plan', module: 'agent', args: '["goal"]', result: null });
  expect(completed).toMatchObject({ args: '["goal"]', result: '{"steps":2}' });
});

test('its result is shown only where it may be', async () => {
  const inside = testGovernor();
  await inActivity(inside, (withSpan) => withSpan('plan', () => 'secret', { captureResult: false }));
  expect(inside.asked()[2]?.body).toMatchObject({ spans: [{ stage: 'completed', args: '[]', result: null, module: null }] });
});

test('an approval is about what the code works on, and waits in place where that is not told', async () => {
  const asks = testGovernor(at('started', { verdict: 'require_approval' }));
  const withArgs = (args?: unknown[]): Promise<unknown> =>
    inActivity(asks, (withSpan) => withSpan('plan', () => 'planned', { args }), testHost({ approval: 'elsewhere' })).catch((error: unknown) => error);
  const waiting = [await withArgs(['goal']), await withArgs(['other goal']), await withArgs(['goal'])];
  const [one, other, again] = waiting.map((error) => (error as ApprovalPendingError).pending[0]?.step);
  expect(one).toBeTypeOf('string');
  expect(other).not.toBe(one);
  expect(again).toBe(one);
  expect(await withArgs()).toBe('planned');
  expect(asks.steps()).toContain('approval');
});
