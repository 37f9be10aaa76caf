import fs from 'node:fs';
import type { ActivityHandle, WorkflowHandle } from '@temporalio/client';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { atStart, chainOf, type Link, testContract, testSecrecy, testWorld, unique, wantsApproval, withSpan } from './test-support.ts';

/** Every kind of activity, every place where a human may be asked, every decision. */
let effects: unknown[] = [];

const activities = {
  async pay(how: 'hook' | 'file', amount: number) {
    if (how === 'hook') return withSpan('pay', () => (effects.push(amount), `paid ${amount}`), { args: [amount] });
    effects.push(fs.existsSync(import.meta.dirname));
    return `paid ${amount}`;
  },
};

const world = testWorld({ activities });
beforeEach(() => void (effects = []));

interface Kind {
  start(args: readonly unknown[], rules: readonly Rule[]): Promise<{ readonly workflowId: string; result(): Promise<unknown> }>;
  /** What stands before the failure itself. */
  readonly wrapped: number;
}

const ofWorkflow = (local: boolean): Kind['start'] => async (args, rules) => {
  const handle: WorkflowHandle = await world.start('steps', [[{ activity: 'pay', args, local }]], { rules });
  return { workflowId: handle.workflowId, result: async () => ((await handle.result()) as unknown[])[0] };
};

const KINDS: Readonly<Record<string, Kind>> = {
  'regular': { wrapped: 2, start: ofWorkflow(false) },
  'local': { wrapped: 1, start: ofWorkflow(true) },
  'standalone': {
    wrapped: 1,
    async start(args, rules) {
      await world.violations();
      await world.core.clear();
      await world.core.setPolicy({ rules });
      const id = unique('alone');
      const handle: ActivityHandle = await world.client.activity.start('pay', { id, taskQueue: world.taskQueue, args: [...args], startToCloseTimeout: '20s' });
      return { workflowId: id, result: () => handle.result() };
    },
  },
};

interface Place {
  readonly rule: Rule;
  readonly how: 'hook' | 'file';
  /** How often the operation has run, where nobody grants it. */
  readonly ran: 0 | 1;
}

const file = (stage: string): Rule => wantsApproval({ hook_type: 'file_operation', stage });
const PLACES: Readonly<Record<string, Place>> = {
  'ActivityStarted': { rule: atStart(), how: 'hook', ran: 0 },
  'ActivityCompleted': { rule: wantsApproval({ event_type: 'ActivityCompleted' }), how: 'hook', ran: 1 },
  'an operation, started': { rule: wantsApproval({ function: 'pay', stage: 'started' }), how: 'hook', ran: 0 },
  'an operation, completed': { rule: wantsApproval({ function: 'pay', stage: 'completed' }), how: 'hook', ran: 1 },
  'a synchronous operation, started': { rule: file('started'), how: 'file', ran: 0 },
  // Its result was withheld: it never came to the activity.
  'a synchronous operation, completed': { rule: file('completed'), how: 'file', ran: 0 },
};

const DECISIONS: Readonly<Record<string, { decide(id: string): Promise<unknown>; readonly failure?: Partial<Link> }>> = {
  'granted': { decide: (id) => world.core.approve(id) },
  'rejected': { decide: (id) => world.core.reject(id, 'too much'), failure: { type: 'ApprovalRejected', message: 'Activity rejected: too much' } },
  'expired': { decide: (id) => world.core.expire(id), failure: { type: 'ApprovalExpired', message: 'Approval expired for activity "pay": nobody decided in time' } },
};

describe.each(Object.entries(KINDS))('%s', (_kind, { start, wrapped }) => {
  describe.each(Object.entries(PLACES))('at %s', (_place, { rule, how, ran }) => {
    test.each(Object.entries(DECISIONS))('%s', async (_decision, { decide, failure }) => {
      const handle = await start([how, 7], [rule]);
      const { id } = await world.core.waitForApproval({ workflow_id: handle.workflowId });
      await decide(id);
      if (failure === undefined) {
        expect(await handle.result()).toBe('paid 7');
        expect(effects).toHaveLength(1);
        expect(await world.core.approvals()).toMatchObject([{ id, status: 'approved' }]);
        return;
      }
      const error: unknown = await handle.result().catch((thrown: unknown) => thrown);
      expect(chainOf(error).slice(wrapped)).toMatchObject([failure]);
      expect(effects).toHaveLength(ran);
      expect(await world.core.approvals()).toHaveLength(1);
    });
  });

  test('what an approver has made of the arguments stays, also where another approval comes after it', async () => {
    const handle = await start(['hook', 950], [atStart({}, 1), wantsApproval({ function: 'pay', stage: 'started' })]);
    await world.core.approve((await world.core.waitForApproval({ workflow_id: handle.workflowId })).id, { redactedInput: ['hook', 100] });
    const second = await world.core.waitForApproval({ workflow_id: handle.workflowId });
    await world.core.approve(second.id);
    expect(await handle.result()).toBe('paid 100');
    expect(effects).toEqual([100]);
    const inputs = (await world.asked(handle.workflowId)).flatMap(({ activity_type, activity_input: input }) => (activity_type === 'pay' && input !== undefined ? [input] : []));
    expect(inputs.filter((input) => JSON.stringify(input) === '["hook",950]')).toHaveLength(1);
  });
});

testContract(world);
testSecrecy(world);
