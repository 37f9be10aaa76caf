import { beforeEach, expect, test } from 'vitest';
import { FAILURES } from '../../core/breaker.ts';
import { ending, stepsOf, testContract, testSecrecy, testWorld, withSpan } from './test-support.ts';

const OPERATIONS = 50;
let effects = 0;
const activities = {
  async works() {
    for (let n = 0; n < OPERATIONS; n++) await withSpan('hook', () => ++effects);
    return 'done';
  },
};

const world = testWorld({ activities, governanceTimeout: 300 });
beforeEach(() => void (effects = 0));

const NEVER = { fault: 'never' } as const;
const hooks = async (workflowId: string): Promise<number> => stepsOf(await world.asked(workflowId)).filter((step) => step.startsWith('function_call')).length;

test('a Core that hangs costs an activity a few timeouts, not two for each operation', async () => {
  const handle = await world.start('steps', [[{ activity: 'works' }]], { rules: [{ when: { hook: true }, answer: NEVER }] });
  expect(await handle.result()).toEqual(['done']);
  expect(effects).toBe(OPERATIONS);
  // Beside the first five a look every few seconds.
  expect(await hooks(handle.workflowId)).toBeLessThan(4 * FAILURES);
  expect(world.lines.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^OpenBox Core not reachable: not asked, after 5 questions in a row/u));
  expect(world.lines.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^OpenBox Core reachable again; questions without an answer meanwhile: \d+, not asked: [1-9]\d*$/u));
});

test('no event is given up unasked: a HALT takes effect while operations are spared', async () => {
  await using own = await world.worker();
  const rules = [
    { when: { hook: true }, answer: { status: 500, json: {} } },
    { when: { event_type: 'ActivityCompleted' }, answer: { status: 500, json: {} } },
    { when: { event_type: 'WorkflowCompleted' }, answer: { verdict: 'halt', reason: 'stop everything' } },
  ];
  const handle = await world.start('steps', [[{ activity: 'works' }]], { rules, taskQueue: own.taskQueue });
  expect(await ending(handle)).toMatchObject({ failure: [{ message: 'Governance HALT: stop everything' }] });
  expect(await hooks(handle.workflowId)).toBeLessThan(4 * FAILURES);
});

test('under fail_closed workflows end, each after it was asked about, and no activity runs', async () => {
  await using closed = await world.worker({ governancePolicy: 'fail_closed' });
  await world.core.clear();
  await world.core.setPolicy({ default: NEVER });
  const handles = await Promise.all(
    Array.from({ length: 2 * FAILURES }, (_, n) =>
      world.client.workflow.start('steps', { taskQueue: closed.taskQueue, workflowId: `dead-${process.pid}-${n}`, args: [[{ activity: 'works' }]], workflowExecutionTimeout: '40s' }),
    ),
  );
  for (const handle of handles) {
    expect((await ending(handle)).failure?.[0]?.message).toMatch(/^Governance HALT: OpenBox Core not reachable: no answer within/u);
    expect(stepsOf(await world.asked(handle.workflowId))).toContain('WorkflowStarted');
  }
  expect(effects).toBe(0);
});

testContract(world);
testSecrecy(world);
