import { Worker } from '@temporalio/worker';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { ending, plainBundle, type Ran, stepsOf, testContract, testSecrecy, testWorld, unique, withSpan, type World } from './test-support.ts';
import type { Call } from './workflow/test-support.ts';

let effects: string[] = [];
const effect = (name: string): string => (effects.push(name), name);

/** One that can wait, one that cannot, and one that comes after. */
const OPERATIONS: readonly (() => Promise<unknown>)[] = [
  () => withSpan('one', () => effect('one')),
  async () => {
    // Not a named import: some runtimes bind those before governance starts.
    process.getBuiltinModule('node:fs').readFileSync(new URL(import.meta.url));
    return effect('read');
  },
  () => withSpan('two', () => effect('two')),
];

const activities = {
  async echo(value: unknown) {
    effect('echo');
    return value;
  },
  async hooks() {
    for (const operation of OPERATIONS) await operation();
  },
  async swallows() {
    for (const operation of OPERATIONS) await operation().catch(() => undefined);
  },
};

const world = testWorld({ activities });
beforeEach(() => void (effects = []));

const HALT = { verdict: 'halt', reason: 'stop everything', policy_id: 'pol-2' };
const at = (event_type: string, activity_type: string, answer: object = HALT): Rule[] => [{ when: { event_type, activity_type, hook: false }, answer }];
async function terminated({ handle }: Pick<Ran, 'handle'>): Promise<string> {
  expect((await handle.describe()).status.name).toBe('TERMINATED');
  const { events } = await handle.fetchHistory();
  return String(events?.at(-1)?.workflowExecutionTerminatedEventAttributes?.reason);
}

describe('HALT terminates the workflow, with the reason', () => {
  const PLACES: readonly [string, Rule['when'], string[]][] = [
    ['at ActivityStarted', { event_type: 'ActivityStarted', hook: false }, []],
    ['at an operation, started', { function: 'one', stage: 'started' }, []],
    ['at an operation, completed', { function: 'one', stage: 'completed' }, ['one']],
    ['at a synchronous operation, started', { file_operation: 'read', stage: 'started' }, ['one']],
    ['at a synchronous operation, completed', { file_operation: 'read', stage: 'completed' }, ['one']],
    ['at ActivityCompleted', { event_type: 'ActivityCompleted' }, ['one', 'read', 'two']],
    ['at WorkflowCompleted', { event_type: 'WorkflowCompleted' }, ['one', 'read', 'two']],
  ];
  const CODE: readonly [string, Call][] = [
    ['that nobody swallows', { activity: 'hooks' }],
    ['that the activity swallows', { activity: 'swallows' }],
    ['that the workflow swallows', { activity: 'hooks', catches: true }],
    ['that both swallow', { activity: 'swallows', catches: true }],
    ['that both swallow, with a local activity', { activity: 'swallows', catches: true, local: true }],
  ];
  describe.each(CODE)('%s', (_what, call) => {
    test.each(PLACES)('%s', async (_where, when, happened) => {
      const ran = await world.run('steps', [[call, { activity: 'echo' }]], { rules: [{ when, answer: HALT }] });
      expect(ran.failure).toMatchObject([{ name: 'TerminatedFailure', message: 'Governance HALT: stop everything' }]);
      expect(await terminated(ran)).toBe('Governance HALT: stop everything');
      expect(effects).toEqual(when?.event_type === 'WorkflowCompleted' ? [...happened, 'echo'] : happened);
      expect(stepsOf(ran.asked)).not.toContain('WorkflowFailed');
    });
  });

  test('at WorkflowStarted (fault: halt-reason-lost)', async () => {
    const ran = await world.run('waits', [], { rules: [{ when: { event_type: 'WorkflowStarted' }, answer: HALT }] });
    expect(await terminated(ran)).toBe('Governance HALT: stop everything');
  });

  test('in a later run of the chain: continue-as-new does not escape', async () => {
    const handle = await world.start('rolls', [1, { activity: 'echo', args: [1] }], {
      rules: [{ when: { event_type: 'ActivityStarted' }, answer: { verdict: 'allow' }, times: 1 }, ...at('ActivityStarted', 'echo')],
    });
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'TerminatedFailure', message: 'Governance HALT: stop everything' }] });
    expect((await world.client.workflow.getHandle(handle.workflowId).describe()).status.name).toBe('TERMINATED');
    expect(effects).toEqual(['echo']);
  });

  test('of a child: the child is terminated, the parent lives', async () => {
    const ran = await world.run('parent', ['steps', [{ activity: 'echo' }]], { rules: at('ActivityStarted', 'echo') });
    expect(ran.result).toMatchObject({ failed: [{ name: 'ChildWorkflowFailure' }, { name: 'TerminatedFailure' }] });
  });

  describe('by its id and its first run', () => {
    const late = (then: string): ReturnType<World['start']> =>
      world.start('drifts', [{ activity: 'echo' }, then], { rules: at('ActivityStarted', 'echo', { ...HALT, delay_ms: 1000 }) });

    test('a run that went on meanwhile does not escape (fault: halt-escaped-by-next-run)', async () => {
      const handle = await late('rolls');
      await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'ActivityStarted' });
      await handle.signal('poke');
      expect(await ending(handle)).toMatchObject({ failure: [{ name: 'TerminatedFailure', message: 'Governance HALT: stop everything' }] });
      expect(effects).toEqual([]);
    });

    test('a later workflow of the same id is not hit (fault: halt-hits-id-used-again)', async () => {
      const handle = await late('ends');
      await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'ActivityStarted' });
      await handle.signal('poke');
      expect(await handle.result()).toBe('ended');
      const later = await world.client.workflow.start('waits', { taskQueue: world.taskQueue, workflowId: handle.workflowId });
      await expect
        .poll(() => world.lines.map(({ message }) => message), { timeout: 10_000 })
        .toContain(`Could not end the workflow "${handle.workflowId}" after a HALT`);
      expect((await later.describe()).status.name).toBe('RUNNING');
      await later.terminate();
    });

    test('where no interceptor of ours told the first run, it is asked for', async () => {
      const taskQueue = unique('plain');
      const plain = await Worker.create({ connection: world.connection, taskQueue, workflowBundle: await plainBundle() });
      await using activityWorker = await world.worker({ workflowBundle: undefined, taskQueue });
      await plain.runUntil(async () => {
        const ran = await world.run('steps', [[{ activity: 'echo' }]], { taskQueue: activityWorker.taskQueue, rules: at('ActivityStarted', 'echo') });
        expect(await terminated(ran)).toBe('Governance HALT: stop everything');
      });
    });
  });
});

testContract(world);
testSecrecy(world);
