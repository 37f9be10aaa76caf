import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../../conformance/testing.ts';
import { testContract, testWorld, withSpan } from './test-support.ts';

/** An attempt whose own time is up. Temporal has given it up and may have begun the next one; its function still runs. */
let effects: unknown[] = [];
let ends: unknown[] = [];

const activities = {
  /** Its first attempt outlives itself, and then wants to do something. */
  async outlives() {
    const { attempt, startToCloseTimeoutMs } = Context.current().info;
    if (attempt === 1) await sleep(startToCloseTimeoutMs + 100);
    return works(attempt);
  },
  /** Core is slow to answer its first attempt. */
  async asks() {
    return works(Context.current().info.attempt);
  },
};

async function works(attempt: number): Promise<unknown> {
  const work = withSpan('work', () => effects.push(attempt), { args: [attempt] });
  void work.then(() => ends.push('worked'), ({ code }) => ends.push(code));
  await work;
  return attempt;
}

const world = testWorld({ activities });
beforeEach(() => void ([effects, ends] = [[], []]));

const SLOW_BLOCK: Answer = { verdict: 'block', reason: 'not this one', delay_ms: 1500 };
const RETRIED = { startToCloseTimeout: '1s', retry: { maximumAttempts: 3, initialInterval: '1ms' } };

describe.each(['fail_open', 'fail_closed'] as const)('under %s, in an attempt whose own time is up', (governancePolicy) => {
  test.each([
    ['nothing is done unasked', 'outlives', []],
    ['nothing is done before a slow Core has answered', 'asks', [{ when: { function: 'work', attempt: 1 }, answer: SLOW_BLOCK }]],
  ])('%s; the next one does it', async (_what, activity, rules) => {
    await using worker = await world.worker({ governancePolicy });
    const handle = await world.start('steps', [[{ activity, options: RETRIED }]], { rules, taskQueue: worker.taskQueue });
    expect(await handle.result()).toEqual([2]);
    await expect.poll(() => ends.length).toBe(2);
    expect(effects).toEqual([2]);
    expect(new Set(ends)).toEqual(new Set(['OPENBOX_TIMED_OUT', 'worked']));
  });
});

test('nothing of an activity runs where Core is slow to answer about its start', async () => {
  const rules = [{ when: { event_type: 'ActivityStarted', attempt: 1, hook: false }, answer: SLOW_BLOCK }];
  const handle = await world.start('steps', [[{ activity: 'asks', options: RETRIED }]], { rules });
  expect(await handle.result()).toEqual([2]);
  expect(effects).toEqual([2]);
});

testContract(world);
