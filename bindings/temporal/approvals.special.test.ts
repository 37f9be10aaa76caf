import { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';
import { CompleteAsyncError, defaultPayloadConverter } from '@temporalio/common';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { completed } from './kinds.test-support.ts';
import { approvalsIn, atHook, atStart, ending, polled, stepsOf, testContract, testSecrecy, testWorld, unique, wantsApproval, withSpan } from './test-support.ts';
import type { Call } from './workflow/test-support.ts';

/** Activities that are not like others, and headers that are not ours. */
let effects: unknown[] = [];

const activities = {
  async pay(...args: unknown[]) {
    effects.push(args);
    return args;
  },
  async asynchronous() {
    effects.push('asynchronous');
    throw new CompleteAsyncError();
  },
  /** One request after the other to one address. */
  async in_turn(count: number) {
    for (let n = 1; n <= count; n++) await fetch(`${world.core.url}/_control/approvals?n=${n}`);
    return count;
  },
  /** As `in_turn`; what is done it does not do again. */
  async resumes(count: number) {
    const { info, heartbeat } = Context.current();
    for (let n = Number(info.heartbeatDetails ?? 0) + 1; n <= count; n++) {
      await withSpan('turn', () => effects.push(n), { args: [n] });
      heartbeat(n);
    }
    return count;
  },
  async hooks(...names: string[]) {
    return Promise.all(names.map((name) => withSpan(name, () => (effects.push(name), name), { args: [name] })));
  },
};

const world = testWorld({ activities });
beforeEach(() => void (effects = []));

const { start, approval } = approvalsIn(world);
const PATIENT = { timeout: 15_000 };

/** What is open is approved, until the workflow has ended. */
const approved = async (handle: Awaited<ReturnType<typeof start>>): Promise<unknown> => {
  const ended = ending(handle);
  let over = false;
  void ended.then(() => (over = true));
  await expect
    .poll(
      async () => {
        for (const { id, status } of await world.core.approvals()) if (status === 'pending') await world.core.approve(id);
        return over;
      },
      { timeout: 25_000 },
    )
    .toBe(true);
  return ended;
};

test('one that is completed elsewhere, by the id that it always had', async () => {
  const handle = await start('asynchronous', [atStart()], [], { options: { activityId: 'mine' } });
  await world.core.approve(await approval(handle));
  // Not before it runs: it could be completed while it is asked about, too.
  await expect.poll(() => effects, PATIENT).toEqual(['asynchronous']);
  await completed(world, handle, 'from elsewhere', 'mine');
  expect(await handle.result()).toEqual(['from elsewhere']);
  expect(effects).toHaveLength(1);
  expect(stepsOf(await world.asked(handle.workflowId))).not.toContain('ActivityCompleted asynchronous');
});

test.each([true, false])('eager: %s', async (allowEagerDispatch) => {
  const handle = await start('pay', [atStart()], [1], { options: { allowEagerDispatch } });
  await world.core.approve(await approval(handle));
  expect(await handle.result()).toEqual([[1]]);
  expect(effects).toEqual([[1]]);
});

describe('more approvals in turn than maxApprovalRounds', () => {
  test('at one address, remembered by Core: each of them is run', async () => {
    const handle = await start('in_turn', [wantsApproval({ hook_type: 'http_request', stage: 'started' })], [5]);
    expect(await approved(handle)).toEqual({ result: [5] });
  });

  test('passed over once they are done: each of them is run once', async () => {
    const handle = await start('resumes', [atHook('turn', { approval_repeats: true })], [5]);
    expect(await approved(handle)).toEqual({ result: [5] });
    expect(effects).toEqual([1, 2, 3, 4, 5]);
  });
});

describe("the user's own ids", () => {
  const mine = (args: readonly unknown[]): Call => ({ activity: 'pay', args, options: { activityId: 'mine' } });

  test('one after the other: each is approved', async () => {
    const handle = await world.start('steps', [[mine([1]), mine([2])]], { rules: [atStart({ approval_repeats: true })] });
    expect(await approved(handle)).toEqual({ result: [[1], [2]] });
    expect(stepsOf(await world.asked(handle.workflowId)).filter((step) => step.startsWith('ActivityStarted'))).toHaveLength(4);
  });

  // Temporal refuses two of an id at once; of one that waits it knows nothing. For Core both are one step.
  test('the same id again while the first one waits: each runs once, one after the other', async () => {
    const handle = await world.start('inbox', [{ wanted: 4, within: mine([2]) }], { rules: [atStart({}, 1)] });
    await handle.signal('add', 1);
    const id = await approval(handle);
    await polled(world, handle);
    await handle.signal('add', 2);
    await expect.poll(async () => stepsOf(await world.asked(handle.workflowId)).filter((step) => step === 'ActivityStarted pay').length, PATIENT).toBe(2);
    await world.core.approve(id);
    await handle.result();
    expect(effects).toEqual([[2], [2]]);
  });

  test('the same id twice, both granted while nobody runs the workflow: one after the other again', async () => {
    await using elsewhere = await world.worker();
    const taskQueue = unique('away');
    const away = await world.worker({ taskQueue });
    const { activity, args, options } = mine([2]);
    const handle = await world.start('inbox', [{ wanted: 4, within: { activity, args, options: { ...options, taskQueue: elsewhere.taskQueue } } }], { rules: [atStart()], taskQueue });
    const waits = async (): Promise<number> => (await handle.describe()).raw.pendingActivities?.filter(({ activityType }) => activityType?.name === 'openbox_await_approval').length ?? 0;
    for (const n of [1, 2]) {
      await handle.signal('add', n);
      await expect.poll(waits, PATIENT).toBe(n);
    }
    await away[Symbol.asyncDispose]();
    await world.core.approve(await approval(handle));
    await expect.poll(waits, PATIENT).toBe(0);
    await using _back = await world.worker({ taskQueue });
    await handle.result();
    expect(effects).toEqual([[2], [2]]);
  });
});

describe('a header that is not ours', () => {
  /** What a workflow's scheduling after a grant had in its header. */
  async function granted(): Promise<Readonly<Record<string, unknown>>> {
    const handle = await start('pay', [atStart()], [1]);
    await world.core.approve(await approval(handle));
    await handle.result();
    const scheduled = ((await handle.fetchHistory()).events ?? []).flatMap(({ activityTaskScheduledEventAttributes: one }) => (one?.activityType?.name === 'pay' ? [one] : []));
    const payload = scheduled.at(-1)?.header?.fields?.['openbox'];
    return JSON.parse(Buffer.from(payload?.data ?? []).toString()) as Readonly<Record<string, unknown>>;
  }

  const alone = async (fields: unknown, rules: readonly Rule[]) => {
    await world.violations();
    await world.core.clear();
    await world.core.setPolicy({ rules });
    const header = { openbox: defaultPayloadConverter.toPayload(fields) };
    const { connection } = world.client;
    const client = new Client({ connection, interceptors: { activity: [{ start: (input, next) => next({ ...input, headers: { ...input.headers, ...header } }) }] } });
    const id = unique('forged');
    const handle = await client.activity.start('pay', { id, taskQueue: world.taskQueue, args: [1], startToCloseTimeout: '20s' });
    return Object.assign(handle, { workflowId: id });
  };

  test.each([[null], [7], ['x'], [[]]])('and says nothing is no header: %j', async (fields) => {
    expect(await (await alone(fields, [])).result()).toEqual([1]);
  });

  type Fields = { readonly resumes: { readonly grants: { readonly text: string; readonly seal: string } } };
  const FORGED: readonly [string, (fields: Fields) => unknown][] = [
    ['of another activity', (fields) => fields],
    ['sealed by nobody', ({ resumes }) => ({ resumes: { ...resumes, grants: { ...resumes.grants, seal: '' } } })],
    ['sealed by somebody else', ({ resumes }) => ({ resumes: { ...resumes, grants: { ...resumes.grants, seal: 'f'.repeat(64) } } })],
    ['without a text', ({ resumes }) => ({ resumes: { ...resumes, grants: { seal: resumes.grants.seal } } })],
    ['of a word', ({ resumes }) => ({ resumes: { ...resumes, grants: 'all' } })],
  ];

  test.each(FORGED)('a grant %s grants nothing: it is asked', async (_what, forge) => {
    const { waits: _waits, ...fields } = (await granted()) as unknown as Fields & { readonly waits?: true };
    const handle = await alone(forge(fields), [atStart()]);
    const { id } = await world.core.waitForApproval({ activity_type: 'pay' });
    expect(effects).toEqual([[1]]);
    await world.core.reject(id, 'not granted');
    await expect(handle.result()).rejects.toThrow();
    expect(effects).toEqual([[1]]);
  });
});

describe('what the UI says', () => {
  const detailsOf = async (handle: Awaited<ReturnType<typeof start>>): Promise<string> =>
    (await handle.query<{ currentDetails?: string }>('__temporal_workflow_metadata')).currentDetails ?? '';
  const ID = String.raw`\(apr-\d+\)`;
  const SINCE = String.raw`since \d{4}-\d\d-\d\d \d\d:\d\d UTC, expires 2099-01-01 13:00 UTC`;
  const until = { approval_expiration_time: '2099-01-01T13:00:00Z' };

  test.each<[string, readonly Call[], readonly Rule[], string]>([
    ['an activity', [{ activity: 'pay' }], [atStart(until)], `^OpenBox: waiting for approval of pay ${ID} ${SINCE}: please look$`],
    ['a local activity', [{ activity: 'pay', local: true }], [atStart(until)], `^OpenBox: waiting for approval of pay ${ID} ${SINCE}: please look$`],
    ['its end', [{ activity: 'pay' }], [wantsApproval({ event_type: 'ActivityCompleted' }, until)], `^OpenBox: waiting for approval of pay ${ID} ${SINCE}: please look$`],
    ['an operation', [{ activity: 'hooks', args: ['one'] }], [atHook('one', until)], `^OpenBox: waiting for approval of one in hooks ${ID} ${SINCE}: please look$`],
    ['several operations', [{ activity: 'hooks', args: ['one', 'two'] }], [atHook('one', until), atHook('two', { ...until, reason: 'and this' })], `^OpenBox: waiting for approval of one in hooks ${ID}, two in hooks ${ID} ${SINCE}: please look; and this$`],
  ])('of %s, and nothing any more once it is granted', async (_what, calls, rules, text) => {
    const handle = await world.start('steps', [calls], { rules });
    await polled(world, handle);
    const details = await detailsOf(handle);
    expect(details).toMatch(new RegExp(text, 'u'));
    // The summary of the wait in the event list.
    const summaries = ((await handle.fetchHistory()).events ?? []).flatMap(({ userMetadata }) => (userMetadata?.summary ? [defaultPayloadConverter.fromPayload(userMetadata.summary)] : []));
    expect(summaries).toContain(details);
    for (const { id } of await world.core.approvals()) await world.core.approve(id);
    await handle.result();
    expect(await detailsOf(handle)).toBe('');
  });

  test('of two activities at once: both, and the one that is left', async () => {
    const handle = await world.start('together', [[{ activity: 'pay', args: [1] }, { activity: 'hooks', args: ['one'] }]], { rules: [atStart()] });
    await expect.poll(async () => (await world.core.approvals()).filter(({ polls }) => polls > 0).length, PATIENT).toBe(2);
    expect((await detailsOf(handle)).split('\n\n')).toHaveLength(2);
    const pay = await world.core.waitForApproval({ activity_type: 'pay' });
    await world.core.approve(pay.id);
    await expect.poll(async () => detailsOf(handle), PATIENT).toMatch(/^OpenBox: waiting for approval of hooks \(apr-\d+\) since [^\n]*$/u);
    await world.core.approve((await world.core.waitForApproval({ activity_type: 'hooks' })).id);
    await handle.result();
  });

  test('and a failure that reads well', async () => {
    const handle = await start('pay', [atStart({ reason: 'more than 900' })], [1]);
    await polled(world, handle);
    const failed = ((await handle.fetchHistory()).events ?? []).flatMap(({ activityTaskFailedEventAttributes: one }) => (one?.failure ? [one.failure] : []));
    expect(failed).toMatchObject([{ message: 'Approval required: more than 900', applicationFailureInfo: { type: 'ApprovalPending', nonRetryable: true } }]);
    await world.core.reject(await approval(handle), 'too much');
    expect(await ending(handle)).toMatchObject({ failure: [{ message: 'Activity task failed' }, { message: 'Activity rejected: too much', type: 'ApprovalRejected' }] });
  });
});

describe('governance that is taken off while an approval is waited for', () => {
  test.each<[string, object]>([
    ['the activity type is skipped', { skipActivityTypes: ['pay'] }],
    ['the queue is not governed any more', { enforceTaskQueues: ['elsewhere'] }],
    ['it comes to observe only', { mode: 'observe' }],
  ])('%s: the activity runs as it was called, its output is not lost', async (_what, options) => {
    for (const rule of [atStart(), wantsApproval({ event_type: 'ActivityCompleted' })]) {
      effects = [];
      const first = await world.worker();
      const handle = await start('pay', [rule], [1], {}, first.taskQueue);
      const id = await approval(handle);
      await polled(world, handle);
      await first[Symbol.asyncDispose]();
      await using second = await world.worker({ taskQueue: first.taskQueue, ...options });
      await world.core.approve(id);
      expect(await handle.result()).toEqual([[1]]);
      expect(effects).toEqual([[1]]);
      expect(second.openbox.getState()).toBe('RUNNING');
    }
  });
});

testContract(world);
testSecrecy(world);
