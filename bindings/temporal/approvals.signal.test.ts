import { Worker } from '@temporalio/worker';
import { beforeEach, describe, expect, test } from 'vitest';
import { approvalsIn, atStart, polled, stepsOf, testBundle, testContract, testSecrecy, testWorld } from './test-support.ts';

let effects: unknown[] = [];

const activities = {
  async pay(...args: unknown[]) {
    effects.push(args);
    return args;
  },
};

const world = testWorld({ activities });
beforeEach(() => void (effects = []));

const { start, approval } = approvalsIn(world);
const PATIENT = { timeout: 15_000 };

describe('the signal openbox_approval', () => {
  test('makes it look at once', async () => {
    await using slow = await world.worker({ hitlPollIntervalMs: '20s' });
    const handle = await start('pay', [atStart()], [1], {}, slow.taskQueue);
    const id = await approval(handle);
    await polled(world, handle);
    // A hint before the decision changes nothing.
    await handle.signal('openbox_approval');
    await expect.poll(async () => (await world.core.approvals())[0]?.polls, PATIENT).toBe(2);
    expect(effects).toEqual([]);
    await world.core.approve(id);
    await handle.signal('openbox_approval', id);
    expect(await handle.result()).toEqual([[1]]);
    expect(stepsOf(await world.asked(handle.workflowId))).not.toContain('SignalReceived openbox_approval');
    await Worker.runReplayHistory({ workflowBundle: await testBundle() }, await handle.fetchHistory());
  });

  test('before there is anything to wait for it is kept and does nothing', async () => {
    const handle = await start('pay', [atStart()], [1]);
    await handle.signal('openbox_approval');
    await world.core.approve(await approval(handle));
    expect(await handle.result()).toEqual([[1]]);
  });
});

describe("what reaches the user's code by the name openbox_approval", () => {
  const BLOCK = { when: { signal_name: 'openbox_approval' }, answer: { verdict: 'block', reason: 'not this one' } };

  test.each(['signal', 'default'])('is asked about: %s', async (by) => {
    const handle = await world.start('hears', ['openbox_approval', by]);
    await handle.signal('openbox_approval', 'mine');
    expect(await handle.result()).toEqual(['mine']);
    expect(stepsOf(await world.asked(handle.workflowId))).toContain('SignalReceived openbox_approval');
    await Worker.runReplayHistory({ workflowBundle: await testBundle() }, await handle.fetchHistory());
  });

  test('an update is stopped', async () => {
    const handle = await world.start('hears', ['openbox_approval', 'update'], { rules: [BLOCK] });
    await expect(handle.executeUpdate('openbox_approval', { args: ['mine'] })).rejects.toMatchObject({ cause: { type: 'GovernanceBlock' } });
    await handle.terminate();
  });

  test('a handler stays through a wait, which does without the hint', async () => {
    const handle = await world.start('hears', ['openbox_approval', 'signal', { activity: 'pay', args: [1] }], { rules: [atStart()] });
    await polled(world, handle);
    await handle.signal('openbox_approval', 'mine');
    await world.core.approve(await approval(handle));
    expect(await handle.result()).toEqual(['mine']);
    expect(stepsOf(await world.asked(handle.workflowId))).toContain('SignalReceived openbox_approval');
  });
});

testContract(world);
testSecrecy(world);
