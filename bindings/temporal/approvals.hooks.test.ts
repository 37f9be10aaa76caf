import fs from 'node:fs';
import { Context } from '@temporalio/activity';
import { beforeEach, describe, expect, test } from 'vitest';
import type { CoreEvent } from '../../conformance/testing.ts';
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
  random: () => withSpan('draw', () => (effects.push('draw'), 'drawn'), { args: [Math.random()] }),
  async sync_file(acts = false) {
    if (acts) await span('acted');
    return fs.existsSync(import.meta.dirname);
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

test('one after the other, each remembers the grants before it (fault: hook-grant-forgotten)', async () => {
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

// A look names the activity only. Core tells of its approvals in turn: of the one or of the other first.
test.each([0, 1])('in parallel: each its own, after %i looks of somebody else', async (looks) => {
  const handle = await start('parallel_hooks', [atHook('one'), atHook('two')]);
  const first = await approval(handle);
  await world.core.waitForEvent({ workflow_id: handle.workflowId, function: 'two', stage: 'started' });
  const look = await polled(world, handle);
  for (let n = 0; n < looks; n++) await lookAsBefore(look);
  await world.core.approve(first);
  await world.core.approve(await approval(handle));
  expect(await handle.result()).toEqual([['one', 'two']]);
});

async function lookAsBefore({ path, headers, raw }: CoreEvent): Promise<void> {
  const given = ['authorization', 'content-type', 'user-agent', 'x-openbox-sdk-version'].map((name): [string, string] => [name, headers[name] ?? '']);
  const { ok } = await fetch(world.core.url + path, { method: 'POST', headers: given, body: raw });
  expect(ok).toBe(true);
}

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

test('swallowed: the activity waits all the same, and runs again (fault: approval-swallowed)', async () => {
  const handle = await start('all_hooks', [atHook('one')]);
  const id = await approval(handle);
  await polled(world, handle);
  expect(effects).not.toContain('one');
  await world.core.approve(id);
  expect(await handle.result()).toEqual([['one', 'two']]);
  expect(await started(handle)).toBe(2);
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

test("the user's heartbeat details survive the wait, and the grant a later failure (fault: heartbeat-details-lost)", async () => {
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

const PATIENT = { timeout: 15_000 };
const ONCE = { options: { retry: { maximumAttempts: 1 } } };

/** Whether the activity has ended meanwhile, to go on in another run. */
const leftItsWorker = async ({ workflowId }: { readonly workflowId: string }): Promise<boolean> =>
  ((await world.client.workflow.getHandle(workflowId).fetchHistory()).events ?? []).some(({ activityTaskFailedEventAttributes: failed }) => failed);

describe('runs again, or waits in place', () => {
  test('an activity with one attempt that has done nothing yet runs again', async () => {
    const handle = await start('hook', [atHook('one')], [], ONCE);
    await world.core.approve(await approval(handle));
    expect(await handle.result()).toEqual(['one']);
    expect(await leftItsWorker(handle)).toBe(true);
  });

  test('one that has done something waits in place: nothing is done twice', async () => {
    const handle = await start('two_hooks', [atHook('two')], [], ONCE);
    const id = await approval(handle);
    await polled(world, handle);
    expect(await leftItsWorker(handle)).toBe(false);
    await world.core.approve(id);
    expect(await handle.result()).toEqual([['one', 'two']]);
    expect(effects).toEqual(['one', 'two']);
  });

  test('one that goes on after an approval at its start still has one attempt', async () => {
    const handle = await start('two_hooks', [atStart({}, 1), atHook('two')], [], ONCE);
    await world.core.approve(await approval(handle));
    const { id } = await world.core.waitForApproval({ workflow_id: handle.workflowId });
    await world.core.approve(id);
    expect(await handle.result()).toEqual([['one', 'two']]);
    expect(effects).toEqual(['one', 'two']);
  });

  test('with hookApproval "rerun" it runs again all the same', async () => {
    await using reruns = await world.worker({ hookApproval: 'rerun' });
    const handle = await start('two_hooks', [atHook('two')], [], ONCE, reruns.taskQueue);
    await world.core.approve(await approval(handle));
    expect(await handle.result()).toEqual([['one', 'two']]);
    expect(effects).toEqual(['one', 'one', 'two']);
  });

  test('with hookApproval "wait" an operation waits in place, though its activity could run again', async () => {
    await using waits = await world.worker({ hookApproval: 'wait' });
    const handle = await start('two_hooks', [atHook('two')], [], {}, waits.taskQueue);
    await world.core.approve(await approval(handle));
    expect(await handle.result()).toEqual([['one', 'two']]);
    expect(effects).toEqual(['one', 'two']);
  });

  test('as a local activity', async () => {
    const handle = await start('two_hooks', [atHook('two')], [], { local: true });
    await world.core.approve(await approval(handle));
    expect(await handle.result()).toEqual([['one', 'two']]);
    expect(effects).toEqual(['one', 'one', 'two']);
    const ids = (await world.asked(handle.workflowId)).flatMap(({ activity_id: id }) => id ?? []);
    expect(new Set(ids).size).toBe(1);
  });
});

describe('a synchronous operation', () => {
  test('runs again', async () => {
    const handle = await start('sync_file', [wantsApproval({ hook_type: 'file_operation', stage: 'started' })]);
    await world.core.approve(await approval(handle));
    expect(await handle.result()).toEqual([true]);
  });

  test('is refused where that would repeat something', async () => {
    const handle = await start('sync_file', [wantsApproval({ hook_type: 'file_operation', stage: 'started' })], [true], ONCE);
    expect(await ending(handle)).toMatchObject({
      failure: [{}, { type: 'GovernanceBlock', message: expect.stringMatching(/a synchronous operation cannot wait for a human, and its activity may run once only/u) as string }],
    });
  });
});

test('several at once travel in one failure, and are waited for together', async () => {
  const handle = await start('all_hooks', [atHook('one'), atHook('two')]);
  await expect.poll(async () => (await world.core.approvals()).length, PATIENT).toBe(2);
  await polled(world, handle);
  for (const { id } of await world.core.approvals()) await world.core.approve(id);
  expect(await handle.result()).toEqual([['one', 'two']]);
  expect(effects).toEqual(['one', 'two']);
  expect(await started(handle)).toBe(2);
  expect(await world.core.approvals()).toHaveLength(2);
});

test('several at once, one refused: the activity fails with that', async () => {
  const handle = await start('all_hooks', [atHook('one'), atHook('two')]);
  await expect.poll(async () => (await world.core.approvals()).length, PATIENT).toBe(2);
  const [, second] = await world.core.approvals();
  await world.core.reject(String(second?.id), 'not two');
  expect(await ending(handle)).toMatchObject({ failure: [{}, { type: 'ApprovalRejected', message: 'Activity rejected: not two' }] });
  expect(effects).toEqual([]);
});

test.each([
  ['the first refused', ['reject', 'approve']],
  ['the last refused', ['approve', 'reject']],
] as const)('several at once, one granted, %s: nothing of them has run', async (_which, decisions) => {
  const handle = await start('all_hooks', [atHook('one'), atHook('two')]);
  await expect.poll(async () => (await world.core.approvals()).filter(({ polls }) => polls > 0).length, PATIENT).toBe(2);
  for (const [at, { id }] of (await world.core.approvals()).entries()) await world.core[decisions[at] ?? 'reject'](id);
  expect(await ending(handle)).toMatchObject({ failure: [{}, { type: 'ApprovalRejected' }] });
  expect(effects).toEqual([]);
});

test('several at once, one granted, one expired', async () => {
  const handle = await start('all_hooks', [atHook('one'), atHook('two')]);
  await expect.poll(async () => (await world.core.approvals()).length, PATIENT).toBe(2);
  const [first, second] = await world.core.approvals();
  await world.core.approve(String(first?.id));
  await world.core.expire(String(second?.id));
  expect(await ending(handle)).toMatchObject({ failure: [{}, { type: 'ApprovalExpired' }] });
  expect(effects).toEqual([]);
});

describe('an operation that comes back different', () => {
  test('is asked about again, and after three rounds it is said what differs', async () => {
    const handle = await start('random', [atHook('draw', { approval_repeats: true })]);
    for (let round = 1; round <= 3; round++) {
      await world.core.approve(await approval(handle));
      await expect.poll(async () => (await world.core.approvals()).length + ((await handle.describe()).status.name === 'FAILED' ? 1 : 0), PATIENT).toBeGreaterThan(round);
    }
    expect(await ending(handle)).toMatchObject({
      failure: [{}, { type: 'ApprovalMismatch', message: expect.stringMatching(/^Approval mismatch: "draw" was approved 3 times .*; what differed last: args, content\. /u) as string }],
    });
    expect(effects).toEqual([]);
    expect((await world.core.approvals()).filter(({ status }) => status === 'approved')).toHaveLength(3);
  });

  test('is the same where the option fingerprint says so', async () => {
    await using own = await world.worker({ fingerprint: (operation) => (operation.type === 'function_call' ? operation.function : undefined) });
    const handle = await start('random', [atHook('draw', { approval_repeats: true })], [], {}, own.taskQueue);
    await world.core.approve(await approval(handle));
    expect(await handle.result()).toEqual(['drawn']);
    expect((await world.core.approvals()).filter(({ status }) => status === 'approved')).toHaveLength(1);
  });
});

testContract(world);
testSecrecy(world);
