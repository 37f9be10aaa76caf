import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { denying } from './denying.test-support.ts';
import { chainOf, ending, type RunningWorker, stepsOf, testContract, testSecrecy, testWorld, withSpan } from './test-support.ts';

let effects: string[] = [];
const activities = {
  async act() {
    await withSpan('one', () => effects.push('one')).catch(() => undefined);
    await withSpan('two', () => effects.push('two')).catch(() => undefined);
  },
};

const world = testWorld({ activities });
let proxy: Awaited<ReturnType<typeof denying>>;
let connection: NativeConnection;
let denied: RunningWorker;
beforeAll(async () => {
  proxy = await denying('TerminateWorkflowExecution');
  connection = await NativeConnection.connect({ address: proxy.address });
  denied = await world.worker({ connection });
});
afterAll(async () => {
  await denied[Symbol.asyncDispose]();
  await connection.close();
  proxy.close();
});
beforeEach(() => void (effects = []));

const HALT = { verdict: 'halt', reason: 'stop everything' };
const MESSAGE = expect.stringMatching(/^Governance HALT: stop everything; the workflow could not be terminated: .*that is not yours to do/u) as unknown;
const FAILURE = { name: 'ApplicationFailure', type: 'GovernanceHalt', message: MESSAGE };
const told = (): void =>
  expect(world.lines).toContainEqual(expect.objectContaining({ level: 'error', message: expect.stringMatching(/^Could not end the workflow/u) as unknown }));

describe('a client that may not terminate: a HALT is a failure that says so', () => {
  test.each<[string, Rule['when'], string[]]>([
    ['ActivityStarted', { event_type: 'ActivityStarted', hook: false }, []],
    ['a hook, started', { function: 'one', stage: 'started' }, []],
    ['a hook, completed', { function: 'one', stage: 'completed' }, ['one']],
    ['ActivityCompleted', { event_type: 'ActivityCompleted' }, ['one', 'two']],
  ])('at %s, and is not tried again', async (_, when, happened) => {
    const ran = await world.run('steps', [[{ activity: 'act', options: { retry: { maximumAttempts: 5, initialInterval: '10ms' } } }]], {
      taskQueue: denied.taskQueue,
      rules: [{ when, answer: HALT }],
    });
    // Behind them stands Temporal's own, as the cause.
    expect(ran.failure?.slice(0, 2)).toMatchObject([{ name: 'ActivityFailure' }, FAILURE]);
    expect(effects).toEqual(happened);
    expect(stepsOf(ran.asked).filter((step) => step === 'ActivityStarted act')).toHaveLength(1);
    told();
  });

  test('at WorkflowStarted: of the next activity', async () => {
    const ran = await world.run('steps', [[{ activity: 'act' }]], { taskQueue: denied.taskQueue, rules: [{ when: { event_type: 'WorkflowStarted' }, answer: HALT }] });
    expect(ran.failure).toMatchObject([{ name: 'ActivityFailure' }, FAILURE]);
    expect(effects).toEqual([]);
    expect(stepsOf(ran.asked)).toEqual(['WorkflowStarted']);
  });

  test('at WorkflowCompleted: of the workflow', async () => {
    const ran = await world.run('ends', ['well'], { taskQueue: denied.taskQueue, rules: [{ when: { event_type: 'WorkflowCompleted' }, answer: HALT }] });
    expect(ran.failure).toMatchObject([FAILURE]);
  });

  test.each(['add', 'put'])('at a signal or an update (%s): of what comes next', async (name) => {
    const handle = await world.start('inbox', [{ wanted: 1, after: [{ activity: 'act' }] }], { taskQueue: denied.taskQueue, rules: [{ when: { signal_name: name }, answer: HALT }] });
    if (name === 'put') {
      const error: unknown = await handle.executeUpdate('put', { args: ['x'] }).catch((failure: unknown) => failure);
      expect(chainOf((error as Error).cause)).toMatchObject([FAILURE]);
    }
    await handle.signal('add', 'x');
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'ActivityFailure' }, FAILURE] });
    expect(effects).toEqual([]);
  });
});

testContract(world);
testSecrecy(world);
