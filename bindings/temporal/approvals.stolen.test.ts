import { fileURLToPath } from 'node:url';
import { beforeEach, expect, test } from 'vitest';
import { workflowInterceptorModules } from './bundle.ts';
import { atStart, bundle, ending, testContract, testWorld } from './test-support.ts';

/** Grants that the user's own interceptor takes from one activity and gives to another of the same id. */
let effects: unknown[] = [];

const effect = (name: string) => async (...args: unknown[]): Promise<unknown> => (effects.push([name, ...args]), args);
const workflowsPath = fileURLToPath(new URL('./workflow/steals.test-support.ts', import.meta.url));
const world = testWorld({
  activities: { pay: effect('pay'), wire: effect('wire') },
  workflowBundle: await bundle({ workflowsPath, workflowInterceptorModules: [...workflowInterceptorModules, workflowsPath] }),
});
beforeEach(() => void (effects = []));

test.each<[string, readonly unknown[], readonly unknown[] | undefined]>([
  ['pay', ['b'], undefined],
  ['wire', ['a'], undefined],
  ['wire', ['a'], ['less']],
])('are none for %s of %j; the approver changed the arguments: %j', async (activity, args, redactedInput) => {
  const handle = await world.start('steals', [activity, args], { rules: [atStart({ approval_repeats: true })] });
  const { workflowId } = handle;
  await world.core.approve((await world.core.waitForApproval({ workflow_id: workflowId })).id, { redactedInput });
  const waits = async (): Promise<number> =>
    ((await handle.fetchHistory()).events ?? []).filter(({ activityTaskScheduledEventAttributes: one }) => one?.activityType?.name === 'openbox_await_approval').length;
  await expect.poll(waits, { timeout: 15_000 }).toBe(2);
  const paid = ['pay', ...(redactedInput ?? ['a'])];
  expect(effects).toEqual([paid]);
  for (const { id, status } of await world.core.approvals()) if (status === 'pending') await world.core.reject(id, 'not this one');
  expect(await ending(handle)).toMatchObject({ failure: [{}, { type: 'ApprovalRejected' }] });
  expect(effects).toEqual([paid]);
});

testContract(world);
