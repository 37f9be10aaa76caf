import { Context } from '@temporalio/activity';
import { beforeEach, expect, test } from 'vitest';
import { approvalsIn, atHook, atStart, ending, polled, stepsOf, testContract, testSecrecy, testWorld, wantsApproval, withSpan } from './test-support.ts';

let effects: string[] = [];
/** The heartbeat details that each attempt found. */
let found: unknown[] = [];
const span = (name: string): Promise<string> => withSpan(name, () => (effects.push(name), name), { args: [name] });

const activities = {
  hook: () => span('one'),
  two_hooks: async () => [await span('one'), await span('two')],
  parallel_hooks: () => Promise.all([span('one'), span('two')]),
  async all_hooks() {
    const ended = await Promise.allSettled([span('one'), span('two')]);
    return ended.map((end) => (end.status === 'fulfilled' ? end.value : end.status));
  },
  async checkpoint() {
    const { info, heartbeat } = Context.current();
    found.push(info.heartbeatDetails);
    if (info.heartbeatDetails === undefined) heartbeat({ step: 3 });
    const done = await span('one');
    if (effects.length < 2) throw new Error('after the grant');
    return done;
  },
};

const world = testWorld({ activities });
beforeEach(() => {
  effects = [];
  found = [];
});

const { start, approval, started } = approvalsIn(world);

test('granted: the activity runs again, and what came before the hook with it', async () => {
  const handle = await start('two_hooks', [atHook('two')]);
  const id = await approval(handle);
  await polled(world, handle);
  expect(effects).toEqual(['one']);
  await world.core.approve(id);
  expect(await handle.result()).toEqual([['one', 'two']]);
  expect(effects).toEqual(['one', 'one', 'two']);
  expect(stepsOf(await world.asked(handle.workflowId)).filter((step) => step.startsWith('ActivityCompleted'))).toHaveLength(1);
});

test('one after the other, each remembers the grants before it', async () => {
  // A Core that forgets what it granted, and asks for a new approval each time.
  const forgets = { approval_repeats: true };
  const handle = await start('two_hooks', [atStart(forgets), atHook('one', forgets), atHook('two', forgets)]);
  let last = 0;
  for (let round = 0; round < 3; round++) {
    const looked = await world.core.waitForEvent(
      ({ n, path, answered }) => n > last && path.endsWith('/approval') && (answered.json as { verdict?: unknown }).verdict !== 'allow',
    );
    last = looked.n;
    for (const { id, status } of await world.core.approvals()) if (status === 'pending') await world.core.approve(id);
  }
  expect(await handle.result()).toEqual([['one', 'two']]);
  // Once more for each operation that waited.
  expect(effects).toEqual(['one', 'one', 'two']);
});

test('in parallel: each its own', async () => {
  const handle = await start('parallel_hooks', [atHook('one'), atHook('two')]);
  const first = await approval(handle);
  await world.core.waitForEvent({ workflow_id: handle.workflowId, function: 'two', stage: 'started' });
  await world.core.approve(first);
  await world.core.approve(await approval(handle));
  expect(await handle.result()).toEqual([['one', 'two']]);
});

test('in parallel without ids: a grant is good for one of them, the other is asked again', async () => {
  const unnamed = { approval_id: null };
  const handle = await start('all_hooks', [
    atHook('one', unnamed),
    atHook('two', unnamed),
    { when: { call: 'governance/approval' }, answer: { verdict: 'allow' } },
  ]);
  expect(await handle.result()).toEqual([['one', 'two']]);
  const spans = (await world.asked(handle.workflowId)).map((body) => body.spans?.[0]).filter((span) => span?.['stage'] === 'started');
  expect(spans.map((span) => String(span?.['function'])).toSorted((a, b) => a.localeCompare(b))).toEqual(['one', 'one', 'one', 'two', 'two', 'two']);
});

test('rejected: the operation never happened', async () => {
  const handle = await start('hook', [atHook('one')]);
  await world.core.reject(await approval(handle), 'no');
  expect(await ending(handle)).toMatchObject({ failure: [{}, { type: 'ApprovalRejected', message: 'Activity rejected: no' }] });
  expect(effects).toEqual([]);
});

test('granted with other arguments: refused, for an operation has none of the activity', async () => {
  const handle = await start('hook', [atHook('one')], [1]);
  await world.core.approve(await approval(handle), { redactedInput: [2] });
  expect(await ending(handle)).toMatchObject({ failure: [{}, { type: 'GovernanceAPIError' }] });
  expect(effects).toEqual([]);
});

test('that has happened: waits in place, the effect is not repeated', async () => {
  const handle = await start('hook', [wantsApproval({ function: 'one', stage: 'completed' })]);
  const id = await approval(handle);
  await polled(world, handle);
  await world.core.approve(id);
  expect(await handle.result()).toEqual(['one']);
  expect(effects).toEqual(['one']);
  expect(await started(handle)).toBe(1);
});

test("the user's heartbeat details survive the wait, and the grant a later failure", async () => {
  const retry = { initialInterval: '1ms' };
  // Would ask for another approval each time: the grant that was given is what lets it through.
  const handle = await start('checkpoint', [atHook('one', { approval_repeats: true })], [], { options: { retry } });
  const id = await approval(handle);
  await polled(world, handle);
  await world.core.approve(id);
  expect(await handle.result()).toEqual(['one']);
  expect(effects).toEqual(['one', 'one']);
  expect(found).toEqual([undefined, { step: 3 }, { step: 3 }]);
});

test('with hookApproval "wait" an operation waits in place, though its activity could run again', async () => {
  await using waits = await world.worker({ hookApproval: 'wait' });
  const handle = await start('two_hooks', [atHook('two')], [], {}, waits.taskQueue);
  await world.core.approve(await approval(handle));
  expect(await handle.result()).toEqual([['one', 'two']]);
  expect(effects).toEqual(['one', 'two']);
});

testContract(world);
testSecrecy(world);
