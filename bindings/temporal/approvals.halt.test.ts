import type { ActivityHandle } from '@temporalio/client';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { type Beside, createBeside } from './beside.test-support.ts';
import { testPlainWorker } from './plain-worker.test-support.ts';
import { chainOf, ending, polled, stepsOf, testContract, testSecrecy, testWorld, unique, wantsApproval, withSpan } from './test-support.ts';
import type { Call } from './workflow/test-support.ts';

let effects: string[] = [];
let beside: Beside;

const activities = {
  async beside() {
    await beside.begin();
    beside.end(await withSpan('beside', () => effects.push('beside')).then(() => 'ran', (error: Error) => error.message));
  },
  async pay() {
    await withSpan('paid', () => effects.push('paid'));
    await withSpan('told', () => effects.push('told')).catch(() => undefined);
    return 'paid';
  },
};

const world = testWorld({ activities, onApprovalExpired: 'halt' });
beforeEach(() => {
  effects = [];
  beside = createBeside();
});

/** How a wait comes to a HALT, and what is said then. */
const HALTS: readonly [string, (id: string) => Promise<unknown>, string][] = [
  ['its expiry, with onApprovalExpired "halt"', (id) => world.core.expire(id), 'Governance HALT: Approval expired for activity "pay": nobody decided in time'],
  [
    'the answer to a look',
    (id) => world.core.setPolicy({ rules: [{ when: { call: 'governance/approval' }, answer: { json: { verdict: 'halt', reason: 'no more', id } } }] }),
    'Governance HALT: no more',
  ],
];

const START: Rule = wantsApproval({ event_type: 'ActivityStarted', activity_type: 'pay', hook: false });
const HOOK: Rule = wantsApproval({ function: 'told', stage: 'started' });
const IN_PLACE: Rule = wantsApproval({ function: 'paid', stage: 'completed' });
const END: Rule = wantsApproval({ event_type: 'ActivityCompleted', activity_type: 'pay' });

/** Where an approval is waited for, and what has happened by then. */
const PLACES: readonly [string, Rule, Partial<Call>, string[]][] = [
  ['in the workflow, for an activity', START, {}, []],
  ['in the workflow, for a local activity', START, { local: true }, []],
  ['in the workflow, for an operation', HOOK, {}, ['paid']],
  ['in the workflow, for the end of an activity', END, {}, ['paid', 'told']],
  ['in place', IN_PLACE, {}, ['paid']],
  ['in place, in a local activity', IN_PLACE, { local: true }, ['paid']],
];

const plain = testPlainWorker(world);

describe.each(HALTS)('%s', (_how, halt, said) => {
  /** Ends an approval that is waited for, and expects that its workflow is terminated, and whatever runs beside it stopped. */
  async function stops(call: Partial<Call>, rule: Rule, happened: readonly string[], taskQueue = world.taskQueue): Promise<void> {
    const calls = [{ activity: 'beside', options: { taskQueue: world.taskQueue } }, { activity: 'pay', ...call }];
    const handle = await world.start('together', [calls], { rules: [rule], taskQueue });
    await beside.begun;
    const { id } = await world.core.waitForApproval({ workflow_id: handle.workflowId });
    await polled(world, handle);
    await halt(id);
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'TerminatedFailure', message: said }] });
    const asked = stepsOf(await world.asked(handle.workflowId));
    beside.letGo();
    expect(await beside.ended).toBe(said);
    expect(effects).toEqual(happened);
    expect(stepsOf(await world.asked(handle.workflowId))).toEqual(asked);
  }

  test.each(PLACES)('%s: terminates the workflow and stops what runs beside', (_where, rule, call, happened) => stops(call, rule, happened));

  test("by the activity's own retries, where no interceptor of ours runs in the workflow: the same", () =>
    stops({ options: { taskQueue: world.taskQueue } }, START, [], plain));

  test.each<[string, Rule, string[]]>([
    ['by its own retries', START, []],
    ['in place', IN_PLACE, ['paid']],
  ])('of an activity that no workflow scheduled, %s: terminates it', async (_where, rule, happened) => {
    await world.core.clear();
    await world.core.setPolicy({ rules: [rule] });
    const id = unique('alone');
    const handle: ActivityHandle = await world.client.activity.start('pay', { id, taskQueue: world.taskQueue, args: [], startToCloseTimeout: '20s' });
    await halt((await world.core.waitForApproval({ workflow_id: id })).id);
    const error: unknown = await handle.result().catch((failure: unknown) => failure);
    expect(chainOf(error)).toMatchObject([{}, { name: 'TerminatedFailure', message: said }]);
    expect(effects).toEqual(happened);
  });
});

testContract(world);
testSecrecy(world);
