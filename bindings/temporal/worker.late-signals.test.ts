import { type WorkflowHandle, WorkflowUpdateFailedError } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import type { Payload, Rule } from '../../conformance/testing.ts';
import { kindsActivities, kindsBundle, replays } from './kinds.test-support.ts';
import { chainOf, ending, historyText, runtimeLog, type Setting, stepsOf, testContract, testSecrecy, testWorld, unique } from './test-support.ts';
import type { RelayOptions } from './workflow/kinds.test-support.ts';

const world = testWorld({ activities: kindsActivities, workflowBundle: await kindsBundle() });

/** Core thinks about it long enough for something to come in between. */
const slow = (when: object, times?: number): Rule => ({ when, answer: { verdict: 'allow', delay_ms: 1000 }, ...(times !== undefined && { times }) });
const SLOW_END = [slow({ event_type: 'WorkflowCompleted' }, 1)];
const SLOW_FIRST = [slow({ signal_name: 'add' }, 1)];
const HALT = { verdict: 'halt', reason: 'stop everything' };
const BLOCK = { verdict: 'block', reason: 'not this one' };

const PATIENT = { timeout: 20_000 };

const starts = (options: RelayOptions, setting: Setting): Promise<WorkflowHandle> => world.start('relays', [options], setting);

/** A run whose first signal makes it continue as new, while Core is asked about its end. */
async function leaving(options: RelayOptions, setting: Setting = {}, skipped = false): Promise<WorkflowHandle> {
  const handle = await starts(options, { rules: SLOW_END, ...setting });
  await handle.signal('add', 'first');
  const event_type = skipped ? 'WorkflowStarted' : 'WorkflowCompleted';
  await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type });
  return handle;
}

/** What was asked, run by run. */
async function askedByRun({ workflowId }: WorkflowHandle): Promise<readonly (readonly string[])[]> {
  const asked = await world.asked(workflowId);
  const runs = [...new Set(asked.map(({ run_id }) => run_id))];
  return runs.map((id) => asked.filter(({ run_id }) => run_id === id).map(told));
}

const told = (event: Payload): string => [...stepsOf([event]), ...((event['signal_args'] ?? []) as readonly unknown[]).map(String)].join(' ');

/** Resolves once the last of so many runs has asked this. */
const untilAsked = (handle: WorkflowHandle, runs: number, step: string): Promise<unknown> =>
  expect.poll(async () => (await askedByRun(handle))[runs - 1] ?? [], PATIENT).toContain(step);

/** The ids of its runs, from the first one on. */
async function runsOf({ workflowId }: WorkflowHandle): Promise<readonly string[]> {
  return [...new Set((await world.asked(workflowId)).map(({ run_id }) => String(run_id)))];
}

/** Each of its runs replays. */
async function allReplay(handle: WorkflowHandle, runs: number): Promise<void> {
  const ids = await runsOf(handle);
  expect(ids).toHaveLength(runs);
  for (const id of ids) await replays(world.client.workflow.getHandle(handle.workflowId, id));
}

describe('a signal that comes while the end of a run that continues as new is asked about', () => {
  test('reaches the next run, is asked about there, and once', async () => {
    const handle = await leaving({ left: 1 });
    await handle.signal('add', 'late');
    expect(await handle.result()).toMatchObject({ got: ['first', 'late'] });
    expect(await askedByRun(handle)).toEqual([
      ['WorkflowStarted', 'SignalReceived add first', 'WorkflowCompleted'],
      ['WorkflowStarted', 'SignalReceived add late', 'WorkflowCompleted'],
    ]);
    await allReplay(handle, 2);
  });

  test('and others after it keep their order, also with those that the next run gets itself', async () => {
    const handle = await leaving({ left: 1, wanted: 1 }, { rules: [...SLOW_END, ...SLOW_END] });
    const items = ['b', { c: ['ü', 1, null] }, 'd'];
    for (const item of items) await handle.signal('add', item);
    const result = (await handle.result()) as { readonly got: readonly unknown[] };
    expect(result.got).toEqual(['first', ...items]);
    await allReplay(handle, 2);
  });

  test('keeps its place before later ones', async () => {
    const handle = await starts({ left: 1, wanted: 2 }, { rules: SLOW_END });
    for (const item of [1, 2]) await handle.signal('add', item);
    await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowCompleted' });
    await handle.signal('add', 3);
    await untilAsked(handle, 2, 'WorkflowStarted');
    await handle.signal('add', 4);
    expect(await handle.result()).toMatchObject({ got: [1, 2, 3, 4] });
    await allReplay(handle, 2);
  });

  test('is not delivered again to the run after the next', async () => {
    const handle = await leaving({ left: 2 });
    await handle.signal('add', 'late');
    await untilAsked(handle, 3, 'WorkflowStarted');
    await handle.signal('add', 'last');
    expect(await handle.result()).toEqual({ got: ['first', 'late', 'last'], memo: {} });
    await allReplay(handle, 3);
  });

  test('is carried anew by each run that it meets', async () => {
    const handle = await leaving({ left: 2 }, { rules: [slow({ event_type: 'WorkflowCompleted' }, 2)] });
    await handle.signal('add', 'late');
    await untilAsked(handle, 2, 'WorkflowCompleted');
    await handle.signal('add', 'later');
    expect(await handle.result()).toMatchObject({ got: ['first', 'late', 'later'] });
    await allReplay(handle, 3);
  });

  test('that only the next run has a handler for is handled there', async () => {
    const handle = await leaving({ left: 1 });
    await handle.signal('unheard-of', 1, 2);
    expect(await handle.result()).toMatchObject({ got: ['first', ['unheard-of', 1, 2]] });
    await allReplay(handle, 2);
  });

  test('reaches the next run where no workflow is cached', async () => {
    await using forgetful = await world.worker({ maxCachedWorkflows: 0 });
    const handle = await leaving({ left: 1 }, { taskQueue: forgetful.taskQueue });
    for (const item of ['b', 'c']) await handle.signal('add', item);
    expect(await handle.result()).toMatchObject({ got: ['first', 'b', 'c'] });
  });

  test('reaches the next run where another worker goes on', async () => {
    const open = { taskQueue: unique('replaced'), stickyQueueScheduleToStartTimeout: '100ms' };
    const before = await world.worker(open);
    const handle = await leaving({ left: 1 }, { taskQueue: open.taskQueue });
    await handle.signal('add', 'with the first worker');
    await before[Symbol.asyncDispose]();
    await handle.signal('add', 'with none').catch(() => undefined);
    await using _after = await world.worker(open);
    expect(await handle.result()).toMatchObject({ got: ['first', 'with the first worker', 'with none'] });
    await allReplay(handle, 2);
  });

  test('of skipSignals is carried and not asked about', async () => {
    await using skips = await world.worker({ skipSignals: ['add'] });
    const handle = await leaving({ left: 1 }, { taskQueue: skips.taskQueue });
    await handle.signal('add', 'late');
    expect(await handle.result()).toMatchObject({ got: ['first', 'late'] });
    expect((await askedByRun(handle)).flat()).toEqual(['WorkflowStarted', 'WorkflowCompleted', 'WorkflowStarted', 'WorkflowCompleted']);
    await allReplay(handle, 2);
  });

  test('stops what comes next there by its BLOCK', async () => {
    const rules: Rule[] = [{ when: { signal_name: 'add' }, answer: { verdict: 'allow' }, times: 1 }, { when: { signal_name: 'add' }, answer: BLOCK }, ...SLOW_END];
    const handle = await leaving({ left: 2 }, { rules });
    await handle.signal('add', 'late');
    expect(await ending(handle)).toMatchObject({ failure: [{ type: 'GovernanceBlock', message: 'Governance blocked: not this one' }] });
    expect((await askedByRun(handle)).at(-1)).toEqual(['WorkflowStarted', 'SignalReceived add late', 'WorkflowFailed']);
    await allReplay(handle, 2);
  });

  test('terminates the next run by its HALT', async () => {
    const rules: Rule[] = [{ when: { signal_name: 'add' }, answer: { verdict: 'allow' }, times: 1 }, { when: { signal_name: 'add' }, answer: HALT }, ...SLOW_END];
    const handle = await leaving({ left: 1, wanted: 1 }, { rules });
    await handle.signal('add', 'late');
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'TerminatedFailure', message: 'Governance HALT: stop everything' }] });
    expect(await askedByRun(handle)).toEqual([
      ['WorkflowStarted', 'SignalReceived add first', 'WorkflowCompleted'],
      ['WorkflowStarted', 'SignalReceived add late'],
    ]);
  });

  test('is handled by the run that ends where it is too much to carry, and the log says so', async () => {
    const handle = await leaving({ left: 1 });
    await handle.signal('add', 'x'.repeat(700_000));
    await handle.signal('add', 'late');
    expect(await handle.result()).toMatchObject({ got: ['first', 'late'] });
    expect(runtimeLog).toContain('ERROR: OpenBox: too much to carry into the next run; add is handled by the one that ends');
    await allReplay(handle, 2);
  });
});

describe('a signal that comes while continueAsNew waits for what was asked before', () => {
  test('reaches the next run: the arguments are made', async () => {
    const handle = await starts({ left: 1 }, { rules: SLOW_FIRST });
    await handle.signal('add', 'first');
    await world.core.waitForEvent({ workflow_id: handle.workflowId, signal_name: 'add' });
    await handle.signal('add', 'late');
    expect(await handle.result()).toMatchObject({ got: ['first', 'late'] });
    expect((await askedByRun(handle))[1]).toEqual(['WorkflowStarted', 'SignalReceived add late', 'WorkflowCompleted']);
    await allReplay(handle, 2);
  });

  test('is handled by its own run after all where that is kept from going', async () => {
    const handle = await starts({ left: 1, stays: 3 }, { rules: [{ when: { signal_name: 'add' }, answer: { ...BLOCK, delay_ms: 1000 }, times: 1 }] });
    await handle.signal('add', 'first');
    await world.core.waitForEvent({ workflow_id: handle.workflowId, signal_name: 'add' });
    for (const item of ['b', 'c']) await handle.signal('add', item);
    expect(await handle.result()).toEqual({ got: ['first', 'b', 'c'] });
    expect(await askedByRun(handle)).toEqual([
      ['WorkflowStarted', 'SignalReceived add first', 'SignalReceived add b', 'SignalReceived add c', 'WorkflowCompleted'],
    ]);
    await allReplay(handle, 1);
  });
});

describe('the memo', () => {
  const memo = { note: 'mine', deep: { of: [1] } };
  const carried = (signals: number): object => ({ openbox_signals: { from: expect.any(String) as unknown, signals: { length: signals } } });
  const described = async (handle: WorkflowHandle): Promise<unknown> => (await handle.describe()).memo;

  test("of the user's goes on, and shows the user's code nothing else", async () => {
    const handle = await leaving({ left: 1 }, { options: { memo } });
    await handle.signal('add', 'late');
    expect(await handle.result()).toEqual({ got: ['first', 'late'], memo });
    expect(await described(world.client.workflow.getHandle(handle.workflowId))).toMatchObject({ ...memo, ...carried(1) });
  });

  test('that the next run is given goes on', async () => {
    const handle = await leaving({ left: 1, memo: { given: true } }, { options: { memo } });
    await handle.signal('add', 'late');
    expect(await handle.result()).toEqual({ got: ['first', 'late'], memo: { given: true } });
  });

  test('holds no signal any longer than it takes', async () => {
    const handle = await leaving({ left: 2 }, { options: { memo } });
    await handle.signal('add', 'late');
    await untilAsked(handle, 3, 'WorkflowStarted');
    await handle.signal('add', 'last');
    expect(await handle.result()).toEqual({ got: ['first', 'late', 'last'], memo });
    expect(await described(world.client.workflow.getHandle(handle.workflowId))).toMatchObject({ ...memo, ...carried(0) });
  });

  test.each([[{}], [{ signals: 'all' }], [{ signals: [{}] }], [{ signals: [{ name: 'add', args: [7], headers: {} }] }], [{ signals: [{ name: 'add', args: [{ data: 7 }], headers: {} }] }]])(
    'that somebody wrote by our name stops nothing: %j',
    async (forged) => {
      const handle = await world.start('relays', [{ left: 1, forged }]);
      await handle.signal('add', 'first');
      await untilAsked(handle, 2, 'WorkflowStarted');
      await handle.signal('add', 'second');
      expect(await handle.result()).toEqual({ got: ['first', 'second'], memo: {} });
    },
  );

  test('is left alone where no signal is late', async () => {
    const handle = await leaving({ left: 1 }, { options: { memo } });
    await untilAsked(handle, 2, 'WorkflowStarted');
    await handle.signal('add', 'in time');
    expect(await handle.result()).toEqual({ got: ['first', 'in time'], memo });
    expect(await described(world.client.workflow.getHandle(handle.workflowId))).toEqual(memo);
    const [first] = await runsOf(handle);
    expect(await historyText(world.client.workflow.getHandle(handle.workflowId, first))).not.toContain('openbox-v2-late-signals');
  });
});

test('a cancellation in that moment cancels the next run', async () => {
  const handle = await leaving({ left: 1, wanted: 1 });
  await handle.cancel();
  await handle.signal('add', 'late');
  expect(await ending(handle)).toMatchObject({ failure: [{ name: 'CancelledFailure' }] });
  expect((await askedByRun(handle)).at(-1)).toEqual(['WorkflowStarted', 'SignalReceived add late', 'WorkflowFailed']);
  await allReplay(handle, 2);
});

test('an update in that moment is rejected, not answered by a run that ends; the next one takes it', async () => {
  const handle = await leaving({ left: 1 });
  const error: unknown = await handle.executeUpdate('put', { args: ['x'] }).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(WorkflowUpdateFailedError);
  expect(chainOf((error as Error).cause)).toMatchObject([{ type: 'ContinuesAsNew', message: 'This run ends and continues as a new one: send the update again' }]);
  await untilAsked(handle, 2, 'WorkflowStarted');
  expect(await handle.executeUpdate('put', { args: ['again'] })).toBe(1);
  expect(await handle.result()).toMatchObject({ got: ['first', 'again'] });
  await allReplay(handle, 2);
});

testContract(world);
testSecrecy(world);
