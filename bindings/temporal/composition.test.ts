import { Worker } from '@temporalio/worker';
import { beforeEach, expect, test } from 'vitest';
import { memoryLogger } from '../../core/ports/logger.ts';
import { initialize } from './initialize.ts';
import { binding, testBundle, testWorld, unique } from './test-support.ts';

let ran: string[] = [];
const activities = { act: async () => void ran.push('act') };
const world = testWorld({ activities });
beforeEach(() => void (ran = []));

async function withoutInterceptor(governancePolicy: 'fail_open' | 'fail_closed'): Promise<{ readonly failure: unknown; readonly errors: readonly string[] }> {
  const logger = memoryLogger();
  const { url, apiKey } = world.core;
  await using parts = await initialize(binding, { openboxUrl: url, openboxApiKey: apiKey, governancePolicy, logger });
  const taskQueue = unique('composed');
  const worker = await Worker.create({
    connection: world.connection,
    taskQueue,
    workflowBundle: await parts.prepareBundle(await testBundle()),
    activities: { ...activities, ...parts.activities },
    patchActivationCallback: parts.patchActivationCallback,
  });
  const { failure } = await worker.runUntil(() => world.run('steps', [[{ activity: 'act' }]], { taskQueue }));
  return { failure, errors: logger.lines.flatMap(({ level, message }) => (level === 'error' ? [message] : [])) };
}

test('a worker composed without the activity interceptor runs none under fail_closed, and says what it lacks', async () => {
  const { failure, errors } = await withoutInterceptor('fail_closed');
  expect(failure).toBeDefined();
  expect(ran).toEqual([]);
  expect(errors.join('\n')).toMatch(/interceptors\.activity lacks the interceptor of OpenBox/);
});

test('under fail_open it goes on, and says the same', async () => {
  const { failure, errors } = await withoutInterceptor('fail_open');
  expect(failure).toBeUndefined();
  expect(ran).toEqual(['act']);
  expect(errors.join('\n')).toMatch(/interceptors\.activity lacks the interceptor of OpenBox/);
});
