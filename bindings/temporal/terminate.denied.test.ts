import { NativeConnection } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { denying } from './denying.test-support.ts';
import { chainOf, ending, type RunningWorker, stepsOf, testContract, testSecrecy, testWorld, wantsApproval, withSpan } from './test-support.ts';

let effects: string[] = [];
const activities = {
  async act() {
    await withSpan('one', () => effects.push('one')).catch(() => undefined);
    await withSpan('two', () => effects.push('two')).catch(() => undefined);
  },
  async reads() {
    try {
      // Not a named import: some runtimes bind those before governance starts.
      process.getBuiltinModule('node:fs').readFileSync(new URL(import.meta.url));
      effects.push('read');
    } catch {
      // Whatever the code makes of it.
    }
  },
};

const world = testWorld({ activities });
let proxy: Awaited<ReturnType<typeof denying>>;
let connection: NativeConnection;
let denied: RunningWorker;
beforeAll(async () => {
  proxy = await denying('TerminateWorkflowExecution');
  connection = await NativeConnection.connect({ address: proxy.address });
  denied = await world.worker({ connection, onApprovalExpired: 'halt' });
});
afterAll(async () => {
  await denied[Symbol.asyncDispose]();
  await connection.close();
  proxy.close();
});
/** Where the lines of this test begin. */
let from = 0;
beforeEach(() => {
  effects = [];
  from = world.lines.length;
});

const HALT = { verdict: 'halt', reason: 'stop everything' };
const MESSAGE = expect.stringMatching(/^Governance HALT: stop everything; the workflow could not be terminated: .*that is not yours to do/u) as unknown;
const FAILURE = { name: 'ApplicationFailure', type: 'GovernanceHalt', message: MESSAGE };
const told = (): void =>
  expect(world.lines.slice(from)).toContainEqual(expect.objectContaining({ level: 'error', message: expect.stringMatching(/^Could not end the workflow/u) as unknown }));

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

  test.each(['started', 'completed'])('at a synchronous operation, %s, that the activity swallows', async (stage) => {
    const ran = await world.run('steps', [[{ activity: 'reads', options: { retry: { maximumAttempts: 5, initialInterval: '10ms' } } }]], {
      taskQueue: denied.taskQueue,
      rules: [{ when: { file_operation: 'read', stage }, answer: HALT }],
    });
    expect(ran.failure?.slice(0, 2)).toMatchObject([{ name: 'ActivityFailure' }, FAILURE]);
    expect(effects).toEqual([]);
    expect(stepsOf(ran.asked).filter((step) => step.startsWith('ActivityStarted'))).toHaveLength(1);
    told();
  });

  describe.each<[string, (id: string) => Promise<unknown>, unknown]>([
    ['as the answer to a look at an approval', (id) => world.core.setPolicy({ rules: [{ when: { call: 'governance/approval' }, answer: { json: { ...HALT, id } } }] }), MESSAGE],
    ['of an approval that expires', (id) => world.core.expire(id), expect.stringMatching(/^Governance HALT: Approval expired for activity "act": nobody decided in time; the workflow could not be terminated: .*not yours/u)],
  ])('%s', (_how, halt, message) => {
    test.each<[string, Rule['when'], object, string[]]>([
      ['in the workflow', { event_type: 'ActivityStarted', hook: false }, {}, []],
      ['in the workflow, for a local activity', { event_type: 'ActivityStarted', hook: false }, { local: true }, []],
      ['in place', { function: 'one', stage: 'completed' }, {}, ['one']],
    ])('%s', async (_where, when, call, happened) => {
      const calls = [{ activity: 'act', options: { retry: { maximumAttempts: 5, initialInterval: '10ms' } }, ...call }];
      const handle = await world.start('steps', [calls], { taskQueue: denied.taskQueue, rules: [wantsApproval(when)] });
      const { id } = await world.core.waitForApproval({ workflow_id: handle.workflowId });
      await halt(id);
      const { failure } = await ending(handle);
      expect(failure).toContainEqual(expect.objectContaining({ ...FAILURE, message }));
      expect(effects).toEqual(happened);
      expect(stepsOf(await world.asked(handle.workflowId)).filter((step) => step === 'ActivityStarted act')).toHaveLength(1);
      told();
    });
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

  test('at WorkflowFailed: the workflow has failed by its own error, and it is said', async () => {
    const ran = await world.run('ends', ['application'], { taskQueue: denied.taskQueue, rules: [{ when: { event_type: 'WorkflowFailed' }, answer: HALT }] });
    expect(ran.failure).toMatchObject([{ type: 'OrderRejected' }]);
    told();
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
