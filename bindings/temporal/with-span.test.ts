import { expect, test } from 'vitest';
import { runActivity } from '../../core/activity.ts';
import { createGate } from '../../core/gate.ts';
import { INFO, type TestGovernor, testGovernor, testHost } from '../../core/test-support.ts';
import { createWithSpan, type WithSpan } from './with-span.ts';

const inActivity = ({ governor }: TestGovernor, body: (withSpan: WithSpan) => Promise<unknown>): Promise<unknown> =>
  runActivity(governor, INFO, [], () => body(createWithSpan(createGate(governor.scopes))), testHost());

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
