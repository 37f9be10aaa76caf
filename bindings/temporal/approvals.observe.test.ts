import type { ActivityHandle } from '@temporalio/client';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { testPlainWorker } from './plain-worker.test-support.ts';
import { type Changes, ending, polled, testContract, testSecrecy, testWorld, unique, wantsApproval, withSpan } from './test-support.ts';
import type { Call } from './workflow/test-support.ts';

let effects: string[] = [];

const activities = {
  async pay(...args: unknown[]) {
    await withSpan('paid', () => effects.push('paid'));
    return args;
  },
};

const world = testWorld({ activities });
const plain = testPlainWorker(world);
beforeEach(() => void (effects = []));

const START: Rule = wantsApproval({ event_type: 'ActivityStarted', hook: false });
const HOOK: Rule = wantsApproval({ function: 'paid', stage: 'started' });
const END: Rule = wantsApproval({ event_type: 'ActivityCompleted' });

/** Where an approval is waited for when a worker that only observes takes over. */
const PLACES: readonly [string, Rule, Partial<Call>, 'ours' | 'plain'][] = [
  ['in the workflow, for an activity', START, {}, 'ours'],
  ['in the workflow, for an activity with one attempt', START, { options: { retry: { maximumAttempts: 1 } } }, 'ours'],
  ['in the workflow, for a local activity', START, { local: true }, 'ours'],
  ['in the workflow, for an operation', HOOK, {}, 'ours'],
  ['in the workflow, for the end of an activity', END, {}, 'ours'],
  ["by the activity's own retries", START, {}, 'plain'],
];

const FORGETS = { stickyQueueScheduleToStartTimeout: '100ms' } as const;
const BETWEEN_LOOKS = { hitlPollIntervalMs: '1s' } as const;
const worker = (taskQueue: string, more: Changes): ReturnType<typeof world.worker> => world.worker({ taskQueue, ...FORGETS, ...BETWEEN_LOOKS, ...more });

describe('an approval that was opened while governance was enforced, once a worker takes over that only observes', () => {
  test.each(PLACES)('%s: it is not waited for, nothing is done twice, and it is said', async (_where, rule, call, workflows) => {
    const taskQueue = unique('changing');
    const first = await worker(taskQueue, {});
    const options = workflows === 'plain' ? { taskQueue } : {};
    const calls = [{ activity: 'pay', args: [1], ...call, options: { ...call.options, ...options } }];
    const handle = await world.start('steps', [calls], { rules: [rule], taskQueue: workflows === 'plain' ? plain : taskQueue });
    await polled(world, handle);
    await first[Symbol.asyncDispose]();
    const { length: before } = world.lines;
    await using observing = await worker(taskQueue, { mode: 'observe' });
    expect(await ending(handle)).toEqual({ result: [[1]] });
    expect(effects).toEqual(['paid']);
    expect(observing.openbox.getState()).toBe('RUNNING');
    expect((await world.core.approvals()).map(({ status }) => status)).toEqual(['pending']);
    expect(world.lines.slice(before).map(({ message }) => message)).toContain('[observe] Not enforced: Approval required: please look');
  });

  test('of an activity that no workflow scheduled: the same', async () => {
    const taskQueue = unique('changing');
    await world.core.clear();
    await world.core.setPolicy({ rules: [START] });
    const first = await worker(taskQueue, {});
    const id = unique('alone');
    const handle: ActivityHandle = await world.client.activity.start('pay', { id, taskQueue, args: [1], startToCloseTimeout: '20s' });
    await world.core.waitForEvent({ call: 'governance/approval', workflow_id: id });
    await first[Symbol.asyncDispose]();
    await using observing = await worker(taskQueue, { mode: 'observe' });
    expect(await handle.result()).toEqual([1]);
    expect(effects).toEqual(['paid']);
    expect(observing.openbox.getState()).toBe('RUNNING');
  });

  test('waited for in place: the worker takes the wait with it, and the activity is tried again and goes on', async () => {
    const taskQueue = unique('changing');
    const first = await worker(taskQueue, {});
    const calls = [{ activity: 'pay', args: [1], options: { startToCloseTimeout: '3s', retry: { initialInterval: '100ms' } } }];
    const handle = await world.start('steps', [calls], { rules: [wantsApproval({ function: 'paid', stage: 'completed' })], taskQueue });
    await polled(world, handle);
    await first[Symbol.asyncDispose]();
    await using observing = await worker(taskQueue, { mode: 'observe' });
    expect(await ending(handle)).toEqual({ result: [[1]] });
    expect(observing.openbox.getState()).toBe('RUNNING');
  });
});

testContract(world);
testSecrecy(world);
