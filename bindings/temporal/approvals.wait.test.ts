import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { beforeEach, describe, expect, test } from 'vitest';
import {
  approvalsIn,
  atStart,
  ending,
  historyText,
  polled,
  testBundle,
  testContract,
  testSecrecy,
  testWorld,
  wantsApproval,
} from './test-support.ts';
import type { Call } from './workflow/test-support.ts';

let effects: unknown[] = [];
let runs: { readonly attempt: number; readonly activityId: string; readonly heartbeatDetails: unknown; readonly maximumAttempts: unknown }[] = [];

function ran(): void {
  const { attempt, activityId, heartbeatDetails, retryPolicy } = Context.current().info;
  runs.push({ attempt, activityId, heartbeatDetails, maximumAttempts: retryPolicy?.maximumAttempts });
}

const activities = {
  async pay(...args: unknown[]) {
    ran();
    effects.push(args);
    return args;
  },
  /** Fails for good at its third attempt. */
  async tries() {
    ran();
    throw new Error(`attempt ${Context.current().info.attempt}`);
  },
  async runs_on() {
    const { cancelled } = Context.current();
    effects.push('runs on');
    const beat = setInterval(() => Context.current().heartbeat(), 50);
    return cancelled.finally(() => clearInterval(beat));
  },
};

const world = testWorld({ activities });
beforeEach(() => {
  effects = [];
  runs = [];
});

const { start, approval } = approvalsIn(world);
const PATIENT = { timeout: 15_000 };
const paying = (args: readonly unknown[] = [], more: Partial<Call> = {}): Call => ({ activity: 'pay', args, ...more });
const eventsOf = async (handle: WorkflowHandle): Promise<number> => (await handle.fetchHistory()).events?.length ?? 0;

describe('in the history', () => {
  test.each([
    ['an activity', 1, {}],
    ['an activity, many looks', 4, {}],
    ['a local activity', 1, { local: true }],
  ])('a wait costs its 12 events however long it takes: %s', async (_what, polls, more) => {
    const without = await start('pay', [], [1], more);
    await without.result();
    const handle = await start('pay', [atStart()], [1], more);
    const id = await approval(handle);
    await expect.poll(async () => (await world.core.approvals())[0]?.polls, { timeout: 20_000 }).toBeGreaterThanOrEqual(polls);
    await world.core.approve(id);
    await handle.result();
    const [before, after] = [await eventsOf(without), await eventsOf(handle)];
    // One marker more instead of the three events of an activity.
    expect(after - before).toBe('local' in more ? 7 : 12);
    await Worker.runReplayHistory({ workflowBundle: await testBundle() }, await handle.fetchHistory());
  });

  test('the activity comes again with its id, options and arguments; its header holds ids and HMACs only', async () => {
    const handle = await start('pay', [atStart({ reason: 'a secret reason' })], ['secret argument'], { options: { activityId: 'mine', heartbeatTimeout: '9s' } });
    await world.core.approve(await approval(handle));
    await handle.result();
    const scheduled = ((await handle.fetchHistory()).events ?? []).flatMap(({ activityTaskScheduledEventAttributes: one }) => (one?.activityId === 'mine' ? [one] : []));
    expect(scheduled).toHaveLength(2);
    const [first, again] = scheduled;
    for (const field of ['activityId', 'activityType', 'input', 'heartbeatTimeout', 'startToCloseTimeout', 'taskQueue', 'retryPolicy'] as const) {
      expect(again?.[field]).toEqual(first?.[field]);
    }
    const header = JSON.parse(new TextDecoder().decode(again?.header?.fields?.['openbox']?.data ?? new Uint8Array())) as { resumes: { grants: { text: string } } };
    expect(JSON.parse(header.resumes.grants.text)).toEqual([
      {
        approvalId: expect.stringMatching(/^apr-\d+$/u) as string,
        step: expect.stringMatching(/^[0-9a-f]{64}$/u) as string,
        place: expect.stringMatching(/^[0-9a-f]{64}$/u) as string,
        parts: { arguments: expect.stringMatching(/^[0-9a-f]{16}$/u) as string },
        round: 1,
      },
    ]);
    expect(JSON.stringify(header)).not.toContain('secret');
  });
});

test("in Temporal's UI it is said what is waited for, since when, until when and why", async () => {
  const handle = await start('pay', [atStart({ reason: 'more than 900', approval_expiration_time: '2099-01-01T13:00:00Z' })]);
  await polled(world, handle);
  const text = /^OpenBox: waiting for approval of pay \(apr-\d+\) since \d{4}-\d\d-\d\d \d\d:\d\d UTC, expires 2099-01-01 13:00 UTC: more than 900$/u;
  const { currentDetails } = await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  expect(currentDetails).toMatch(text);
  expect(await historyText(handle)).toContain(`"${currentDetails}"`);
  await world.core.approve(await approval(handle));
  await handle.result();
  expect(await handle.query('__temporal_workflow_metadata')).not.toHaveProperty('currentDetails', expect.stringContaining('waiting'));
});

describe("the user's own attempts", () => {
  test('go on where they were: three are three, the wait none (fault: approval-uses-attempts)', async () => {
    const handle = await start('tries', [atStart({}, 1)], [], { options: { retry: { maximumAttempts: 3, initialInterval: '1ms' } } });
    await world.core.approve(await approval(handle));
    expect(await ending(handle)).toMatchObject({ failure: [{}, { message: 'attempt 3' }] });
    expect(runs.map(({ attempt, maximumAttempts }) => [attempt, maximumAttempts])).toEqual([[1, 3], [2, 3], [3, 3]]);
  });

  test('also where the approval comes with the second', async () => {
    const handle = await start('tries', [wantsApproval({ event_type: 'ActivityStarted', attempt: 2 }, {}, 1)], [], { options: { retry: { maximumAttempts: 3, initialInterval: '1ms' } } });
    await world.core.approve(await approval(handle));
    expect(await ending(handle)).toMatchObject({ failure: [{}, { message: 'attempt 3' }] });
    expect(runs.map(({ attempt, maximumAttempts }) => [attempt, maximumAttempts])).toEqual([[1, 3], [2, 3], [3, 3]]);
  });

  test('a local activity keeps its id (fault: local-activity-cannot-wait)', async () => {
    const handle = await start('pay', [atStart()], [1], { local: true });
    await world.core.approve(await approval(handle));
    await handle.result();
    const asked = (await world.asked(handle.workflowId)).find(({ activity_type }) => activity_type === 'pay');
    expect(runs.map(({ activityId }) => activityId)).toEqual([asked?.activity_id]);
  });
});

describe('cancelled while it waits', () => {
  const caught = { catches: true } as const;

  /** The failure that the workflow's code sees of an activity that runs, with the names and ids of this one. */
  async function baseline(cancellationType: string): Promise<unknown> {
    const handle = await world.start('cancels', [{ activity: 'runs_on', ...caught, options: { cancellationType, heartbeatTimeout: '5s' } }], { default: { verdict: 'allow' } });
    await expect.poll(() => effects, PATIENT).toEqual(['runs on']);
    await handle.signal('poke');
    return handle.result();
  }

  test.each(['TRY_CANCEL', 'WAIT_CANCELLATION_COMPLETED', 'ABANDON'])('by its scope, %s: as any activity', async (cancellationType) => {
    const expected = await baseline(cancellationType);
    const handle = await world.start('cancels', [paying([1], { ...caught, options: { cancellationType } as Call['options'] & object })], { rules: [atStart()] });
    await polled(world, handle);
    await handle.signal('poke');
    expect(JSON.stringify(await handle.result()).replaceAll('pay', 'runs_on')).toEqual(JSON.stringify(expected));
    expect(effects).toEqual(['runs on']);
    await Worker.runReplayHistory({ workflowBundle: await testBundle() }, await handle.fetchHistory());
  });

  test('a local activity: without a wrapper, as ever', async () => {
    const handle = await world.start('cancels', [paying([1], { ...caught, local: true })], { rules: [atStart()] });
    await polled(world, handle);
    await handle.signal('poke');
    expect(await handle.result()).toMatchObject({ failed: [{ name: 'CancelledFailure' }] });
    expect(effects).toEqual([]);
    await Worker.runReplayHistory({ workflowBundle: await testBundle() }, await handle.fetchHistory());
  });

  test('in the instant of the grant: either, and never both', async () => {
    for (let round = 0; round < 4; round++) {
      effects = [];
      const handle = await start('pay', [atStart()], [1]);
      const id = await approval(handle);
      await polled(world, handle);
      await Promise.all([world.core.approve(id), handle.cancel()]);
      const ended = await ending(handle);
      if (ended.failure === undefined) expect(effects).toEqual([[1]]);
      else expect(ended.failure).toMatchObject([{ name: 'CancelledFailure' }]);
    }
  });
});

test('a workflow that continues as new leaves the wait behind', async () => {
  const handle = await world.start('drifts', [paying([1]), 'rolls'], { rules: [atStart()] });
  const id = await approval(handle);
  await polled(world, handle);
  const { runId: first } = await handle.describe();
  await handle.signal('poke');
  await expect.poll(async () => (await world.client.workflow.getHandle(handle.workflowId).describe()).runId, PATIENT).not.toBe(first);
  await world.core.approve(id);
  expect((await world.client.workflow.getHandle(handle.workflowId, first).describe()).status.name).toBe('CONTINUED_AS_NEW');
  await world.client.workflow.getHandle(handle.workflowId).terminate();
  expect(effects).toEqual([]);
});

test('the same activity id in two runs: each its own (fault: approval-shared-by-id)', async () => {
  const options = { options: { activityId: 'one' } };
  const rules = [atStart()];
  const [first, second] = [await start('pay', rules, [1], options), await world.client.workflow.start('steps', { taskQueue: world.taskQueue, workflowId: `second-${process.pid}`, args: [[paying([2], options)]] })];
  const mine = await world.core.waitForApproval({ workflow_id: first.workflowId });
  const other = await world.core.waitForApproval({ workflow_id: second.workflowId });
  await world.core.approve(mine.id);
  expect(await first.result()).toEqual([[1]]);
  const { n = 0 } = (await world.core.events()).at(-1) ?? {};
  await world.core.waitForEvent((event) => event.n > n && event.path.endsWith('/approval') && event.body.workflow_id === second.workflowId);
  expect((await world.core.approvals()).find(({ id }) => id === other.id)?.status).toBe('pending');
  expect(effects).toEqual([[1]]);
  await second.terminate();
});

test('a HALT while it waits ends it', async () => {
  const handle = await world.start('inbox', [{ wanted: 2, after: [paying([1])] }], {
    rules: [{ when: { signal_name: 'add' }, answer: { verdict: 'halt', reason: 'enough' } }, atStart()],
  });
  await handle.signal('poke');
  await handle.signal('poke');
  await polled(world, handle);
  await handle.signal('add', 1);
  expect((await ending(handle)).failure?.[0]?.message).toBe('Governance HALT: enough');
});

test("a signal's BLOCK while it waits stops what the grant would have let run", async () => {
  const handle = await world.start('inbox', [{ wanted: 2, after: [paying([1], { catches: true })] }], {
    rules: [{ when: { signal_name: 'add' }, answer: { verdict: 'block', reason: 'no more' } }, atStart()],
  });
  await handle.signal('poke');
  await handle.signal('poke');
  await polled(world, handle);
  await handle.signal('add', 1);
  await world.core.waitForEvent({ workflow_id: handle.workflowId, signal_name: 'add' });
  await world.core.approve(await approval(handle));
  expect(JSON.stringify(await handle.result())).toContain('Governance blocked: no more');
  expect(effects).toEqual([]);
});

testContract(world);
testSecrecy(world);
