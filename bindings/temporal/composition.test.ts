import { Worker } from '@temporalio/worker';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { memoryLogger } from '../../core/ports/logger.ts';
import { initialize } from './initialize.ts';
import { atStart, binding, testBundle, testWorld, unique } from './test-support.ts';

let ran: string[] = [];
const activities = { act: async () => void ran.push('act') };
const world = testWorld({ activities });
beforeEach(() => void (ran = []));

/** A worker that lacks the interceptor, or whose activities `more` replaces. */
async function composed(
  governancePolicy: 'fail_open' | 'fail_closed',
  { intercepted = false, more = {}, rules = [] }: { readonly intercepted?: boolean; readonly more?: object; readonly rules?: readonly Rule[] } = {},
): Promise<{ readonly failure: unknown; readonly errors: readonly string[] }> {
  const logger = memoryLogger();
  const { url, apiKey } = world.core;
  await using parts = await initialize(binding, { openboxUrl: url, openboxApiKey: apiKey, governancePolicy, logger });
  const taskQueue = unique('composed');
  const worker = await Worker.create({
    connection: world.connection,
    taskQueue,
    workflowBundle: await parts.prepareBundle(await testBundle()),
    activities: { ...activities, ...parts.activities, ...more },
    ...(intercepted && { interceptors: { activity: [...parts.interceptors.activity] } }),
    patchActivationCallback: parts.patchActivationCallback,
  });
  const { failure } = await worker.runUntil(() => world.run('steps', [[{ activity: 'act' }]], { taskQueue, rules }));
  return { failure, errors: logger.lines.flatMap(({ level, message }) => (level === 'error' ? [message] : [])) };
}

test('a worker composed without the activity interceptor runs none under fail_closed, and says what it lacks', async () => {
  const { failure, errors } = await composed('fail_closed');
  expect(failure).toBeDefined();
  expect(ran).toEqual([]);
  expect(errors.join('\n')).toMatch(/interceptors\.activity lacks the interceptor of OpenBox/);
});

test('under fail_open it goes on, and says the same', async () => {
  const { failure, errors } = await composed('fail_open');
  expect(failure).toBeUndefined();
  expect(ran).toEqual(['act']);
  expect(errors.join('\n')).toMatch(/interceptors\.activity lacks the interceptor of OpenBox/);
});

describe('an activity of the user\'s by the name of one of ours', () => {
  const theirs = async (): Promise<object> => ({ verdict: 'allow', grants: { text: '[]', seal: 'theirs' } });

  test.each(['send_governance_event', 'openbox_await_approval'])('%s: no worker is made', async (name) => {
    await expect(world.worker({ activities: { ...activities, [name]: theirs } })).rejects.toThrow(
      `Option activities holds ${name}: expected another name, OpenBox has an activity of that name itself`,
    );
  });

  test.each([
    ['send_governance_event', []],
    ['openbox_await_approval', [atStart()]],
  ])('%s, composed by hand: its answer does not count, and it is said', async (name, rules) => {
    const { failure, errors } = await composed('fail_closed', { intercepted: true, more: { [name]: theirs }, rules });
    expect(failure).toBeDefined();
    expect(ran).toEqual([]);
    expect(errors.join('\n')).toContain(`This worker has an activity ${name} that is not the one of OpenBox`);
  });
});
