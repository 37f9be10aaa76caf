import { Context } from '@temporalio/activity';
import { beforeEach, describe, expect, test } from 'vitest';
import { approvalsIn, atHook, atStart, polled, testContract, testWorld, wantsApproval, withSpan } from './test-support.ts';

/** Temporal takes 2 MiB of a scheduling's arguments, and 2 MiB of a failure's details. */
let effects: string[] = [];
let found: unknown[] = [];

const activities = {
  async long(length: number, _given = '') {
    effects.push('long');
    return 'x'.repeat(length);
  },
  async beats(length: number, _given = '') {
    const { info, heartbeat } = Context.current();
    found.push(String(info.heartbeatDetails ?? '').length);
    if (info.heartbeatDetails === undefined) heartbeat('h'.repeat(length));
    return withSpan('one', () => (effects.push('beats'), 'done'), { args: [] });
  },
};

const world = testWorld({ activities });
beforeEach(() => {
  effects = [];
  found = [];
});

const { start, approval } = approvalsIn(world);
const KB = 1024;

describe('arguments and what travels with them', () => {
  test.each([
    ['long arguments, at its start', 'long', [1, 'y'.repeat(1900 * KB)], atStart(), undefined],
    ['long arguments and a long output, at its end', 'long', [1400 * KB, 'y'.repeat(1000 * KB)], wantsApproval({ event_type: 'ActivityCompleted' }), undefined],
    ['a long heartbeat and short arguments: kept', 'beats', [1000 * KB], atHook('one'), [0, 1000 * KB]],
    ['a long heartbeat and long arguments: the heartbeat is left behind', 'beats', [1000 * KB, 'y'.repeat(1400 * KB)], atHook('one'), [0, 0]],
  ])('%s', async (_what, activity, args, rule, expected) => {
    const handle = await start(activity, [rule], args, { options: { startToCloseTimeout: '20s' } });
    const id = await approval(handle);
    await polled(world, handle);
    await world.core.approve(id);
    await handle.result();
    expect(effects).toHaveLength(1);
    if (expected !== undefined) expect(found).toEqual(expected);
  });
});

test.each([
  ['Latin', 'x'.repeat(2000)],
  ['Chinese', '審'.repeat(2000)],
  ['emoji', '🦀'.repeat(2000)],
])('a reason however long, %s, fits in what the UI says', async (_what, reason) => {
  const handle = await start('long', [atStart({ reason })], [1], { options: { activityId: 'x'.repeat(200) } });
  await polled(world, handle);
  await world.core.approve(await approval(handle));
  expect(await handle.result()).toEqual(['x']);
});

testContract(world);
