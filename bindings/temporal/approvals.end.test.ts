import { Context } from '@temporalio/activity';
import { beforeEach, expect, test } from 'vitest';
import { approvalsIn, ending, polled, stepsOf, testContract, testSecrecy, testWorld, wantsApproval, withSpan } from './test-support.ts';

let effects: string[] = [];

const activities = {
  async pay(...args: unknown[]) {
    effects.push('pay');
    await withSpan('send', async () => 'sent', { args });
    return { paid: args };
  },
  async nothing() {
    effects.push('nothing');
  },
  async bytes() {
    effects.push('bytes');
    return new Uint8Array([1, 2, 255]);
  },
  async long(length: number) {
    effects.push('long');
    return 'x'.repeat(length);
  },
  async flaky() {
    const { attempt } = Context.current().info;
    effects.push(`flaky ${attempt}`);
    if (attempt === 1) throw new Error('once');
    return attempt;
  },
};

const world = testWorld({ activities });
beforeEach(() => void (effects = []));

const { start, approval } = approvalsIn(world);
const atEnd = (more?: object) => wantsApproval({ event_type: 'ActivityCompleted' }, more);

test('granted at its end: the work is not done again, only its end is asked again (fault: approval-repeats-work)', async () => {
  const handle = await start('pay', [atEnd()], [1]);
  const id = await approval(handle);
  await polled(world, handle);
  await world.core.approve(id);
  expect(await handle.result()).toEqual([{ paid: [1] }]);
  expect(effects).toEqual(['pay']);
  const asked = await world.asked(handle.workflowId);
  expect(stepsOf(asked)).toEqual([
    'WorkflowStarted',
    'ActivityStarted pay',
    'function_call/started',
    'function_call/completed',
    'ActivityCompleted pay',
    'ActivityCompleted pay',
    'WorkflowCompleted',
  ]);
  const ends = asked.filter(({ event_type }) => event_type === 'ActivityCompleted').map(({ timestamp: _, ...end }) => end);
  expect(ends[1]).toEqual(ends[0]);
});

test.each([
  ['nothing', [undefined], []],
  ['bytes', [{ 0: 1, 1: 2, 2: 255 }], []],
  ['flaky', [2], []],
])('the output of %s comes back', async (activity, expected, args) => {
  const handle = await start(activity, [atEnd()], args, {
    options: { retry: { initialInterval: '1ms', maximumAttempts: 2 } },
  });
  await world.core.approve(await approval(handle));
  expect(JSON.stringify(await handle.result())).toEqual(JSON.stringify(expected));
  expect(effects.length).toBe(activity === 'flaky' ? 2 : 1);
});

test('the arguments that guardrails changed are those that the end shows', async () => {
  const redacts = { guardrails_result: { input_type: 'activity_input', redacted_input: ['[NAME]'] } };
  const handle = await start('pay', [{ when: { event_type: 'ActivityStarted', hook: false }, answer: { verdict: 'allow', ...redacts } }, atEnd()], ['Ada']);
  await world.core.approve(await approval(handle));
  expect(await handle.result()).toEqual([{ paid: ['[NAME]'] }]);
  const ends = (await world.asked(handle.workflowId)).filter(({ event_type }) => event_type === 'ActivityCompleted');
  expect(ends.map((end) => end['activity_input'])).toEqual([['[NAME]'], ['[NAME]']]);
});

test('an output that Temporal would drop is waited for in place', async () => {
  const handle = await start('long', [atEnd()], [1_600_000], { options: { startToCloseTimeout: '40s' } });
  const id = await approval(handle);
  await polled(world, handle);
  expect((await handle.fetchHistory()).events?.some(({ activityTaskFailedEventAttributes: failed }) => failed)).toBe(false);
  await world.core.approve(id);
  expect(String(((await handle.result()) as string[])[0]).length).toBe(1_600_000);
  expect(effects).toEqual(['long']);
});

test('one just below it travels', async () => {
  const handle = await start('long', [atEnd()], [1_500_000]);
  await world.core.approve(await approval(handle));
  expect(String(((await handle.result()) as string[])[0]).length).toBe(1_500_000);
  expect(effects).toEqual(['long']);
});

test('as a local activity', async () => {
  const handle = await start('pay', [atEnd()], [1], { local: true });
  await world.core.approve(await approval(handle));
  expect(await handle.result()).toEqual([{ paid: [1] }]);
  expect(effects).toEqual(['pay']);
});

test('rejected at its end: the output is withheld', async () => {
  const handle = await start('pay', [atEnd()], [1]);
  await world.core.reject(await approval(handle), 'no');
  expect(await ending(handle)).toMatchObject({ failure: [{}, { type: 'ApprovalRejected', message: 'Activity rejected: no' }] });
  expect(effects).toEqual(['pay']);
});

test('a BLOCK of the end that is asked again counts', async () => {
  const handle = await start('pay', [wantsApproval({ event_type: 'ActivityCompleted' }, {}, 1), { when: { event_type: 'ActivityCompleted' }, answer: { verdict: 'block', reason: 'no' } }], [1]);
  await world.core.approve(await approval(handle));
  expect(await ending(handle)).toMatchObject({ failure: [{}, { type: 'GovernanceBlock' }] });
});

testContract(world);
testSecrecy(world);
