import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Answer, Rule } from '../../conformance/testing.ts';
import { testPlainWorker } from './plain-worker.test-support.ts';
import { chainOf, ending, type RunningWorker, testContract, testSecrecy, testWorld, unique, wantsApproval, withSpan } from './test-support.ts';

let effects: string[] = [];

const activities = {
  async pay() {
    await withSpan('paid', () => effects.push('paid'));
    return 'paid';
  },
};

const GIVEN = { activities, governanceTimeout: 500 } as const;
const world = testWorld(GIVEN);
const workers = {} as Record<'fail_open' | 'fail_closed', RunningWorker>;
const plain = testPlainWorker(world);
beforeAll(async () => {
  workers.fail_open = await world.worker();
  workers.fail_closed = await world.worker({ governancePolicy: 'fail_closed' });
});
afterAll(async () => {
  for (const worker of Object.values(workers)) await worker[Symbol.asyncDispose]();
});
beforeEach(() => void (effects = []));

const START: Rule['when'] = { event_type: 'ActivityStarted', hook: false };
const IN_PLACE: Rule['when'] = { function: 'paid', stage: 'completed' };

/** Where an approval is waited for, and what has happened by then. */
const PLACES: readonly [string, Rule['when'], 'ours' | 'plain', string[]][] = [
  ['in the workflow', START, 'ours', []],
  ['in place', IN_PLACE, 'ours', ['paid']],
  ["by the activity's own retries", START, 'plain', []],
];
const POLICIES = ['fail_open', 'fail_closed'] as const;
const CELLS = POLICIES.flatMap((policy) => PLACES.map(([where, when, workflows, happened]) => ({ policy, where, when, workflows, happened })));

const looks = (answer: Answer): Rule[] => [{ when: { call: 'governance/approval' }, answer }];
const OUTAGES: readonly Answer[] = [{ fault: 'drop' }, { fault: 'never' }, { status: 503, json: {} }, { fault: 'garbage' }];

/** Starts an activity that waits for an approval on the worker with this policy, with these rules. */
const start = (rules: Rule[], policy: (typeof POLICIES)[number], workflows: 'ours' | 'plain'): ReturnType<typeof world.start> => {
  const { taskQueue } = workers[policy];
  return world.start('steps', [[{ activity: 'pay', options: { taskQueue } }]], { rules, taskQueue: workflows === 'ours' ? taskQueue : plain });
};

/** Resolves once it has been asked another `count` times how the approval stands. */
async function looked(count: number): Promise<void> {
  let after = (await world.core.events()).at(-1)?.n ?? 0;
  for (let n = 0; n < count; n++) after = (await world.core.waitForEvent(({ n: at, path }) => at > after && path.endsWith('/approval'))).n;
}

describe('Core down while a human is waited for', () => {
  test.each(CELLS)('under $policy, $where: the wait goes on, and ends with the decision once it is back', async ({ policy, when, workflows, happened }) => {
    const handle = await start([wantsApproval(when)], policy, workflows);
    const { id } = await world.core.waitForApproval({ workflow_id: handle.workflowId });
    for (const answer of OUTAGES) {
      await world.core.setPolicy({ rules: [...looks(answer), wantsApproval(when)] });
      await looked(1);
    }
    // Decided while nobody can be told.
    await world.core.approve(id);
    await looked(2);
    expect((await handle.describe()).status.name).toBe('RUNNING');
    expect(effects).toEqual(happened);
    await world.core.setPolicy({ rules: [wantsApproval(when)] });
    expect(await handle.result()).toEqual(['paid']);
    expect(effects).toEqual(['paid']);
    expect(await world.core.approvals()).toHaveLength(1);
  });

  test.each(CELLS)('under $policy, $where: past its expiry the wait ends, though Core never comes back', async ({ policy, when, workflows, happened }) => {
    // The time is up for a minute in a moment.
    const approval_expiration_time = new Date(Date.now() - 58_500).toISOString();
    const handle = await start([...looks({ fault: 'drop' }), wantsApproval(when, { approval_expiration_time })], policy, workflows);
    expect(await ending(handle)).toMatchObject({
      failure: [{ name: 'ActivityFailure' }, { type: 'ApprovalExpired', message: expect.stringMatching(/^Approval expired for activity "pay": its time is up, and OpenBox Core does not say what was decided: ./u) as string }],
    });
    expect(effects).toEqual(happened);
  });

  test('of an activity that no workflow scheduled: the same', async () => {
    await world.core.clear();
    await world.core.setPolicy({ rules: [...looks({ fault: 'drop' }), wantsApproval(START)] });
    const begin = (): ReturnType<typeof world.client.activity.start> =>
      world.client.activity.start('pay', { id: unique('alone'), taskQueue: workers.fail_closed.taskQueue, args: [], startToCloseTimeout: '20s' });
    const handle = await begin();
    await looked(2);
    expect(effects).toEqual([]);
    await world.core.setPolicy({ rules: [wantsApproval(START)] });
    for (const { id } of await world.core.approvals()) await world.core.approve(id);
    expect(await handle.result()).toBe('paid');

    await world.core.clear();
    const approval_expiration_time = new Date(Date.now() - 58_500).toISOString();
    await world.core.setPolicy({ rules: [...looks({ fault: 'drop' }), wantsApproval(START, { approval_expiration_time })] });
    const error: unknown = await (await begin()).result().catch((failure: unknown) => failure);
    expect(chainOf(error)).toMatchObject([{}, { type: 'ApprovalExpired' }]);
  });
});

testContract(world);
testSecrecy(world);
