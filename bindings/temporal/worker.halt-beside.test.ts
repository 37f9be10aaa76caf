import type { WorkflowHandle } from '@temporalio/client';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { type Beside, createBeside } from './beside.test-support.ts';
import { ending, stepsOf, testContract, testSecrecy, testWorld, withSpan } from './test-support.ts';

let effects: string[] = [];
let beside: Beside;

const activities = {
  async beside() {
    await beside.begin();
    const how = await withSpan('beside', () => effects.push('beside')).then(() => 'ran', (error: Error) => error.message);
    beside.end(how);
  },
  async halts() {
    await beside.begun;
    await withSpan('halted', () => effects.push('halted'));
  },
  async reads() {
    // Not a named import: some runtimes bind those before governance starts.
    return process.getBuiltinModule('node:fs').readFileSync(new URL(import.meta.url), 'utf8').length;
  },
};

const world = testWorld({ activities });
beforeEach(() => {
  effects = [];
  beside = createBeside();
});

const HALT = { verdict: 'halt', reason: 'stop everything' };
const SAID = 'Governance HALT: stop everything';
const TERMINATED = { failure: [{ name: 'TerminatedFailure', message: SAID }] };

/** Lets what runs beside the halted go on, and expects that it got nowhere and that nothing more was asked. */
async function stopped(handle: WorkflowHandle): Promise<void> {
  expect(await ending(handle)).toMatchObject(TERMINATED);
  const before = stepsOf(await world.asked(handle.workflowId));
  beside.letGo();
  expect(await beside.ended).toBe(SAID);
  expect(effects).toEqual([]);
  expect(stepsOf(await world.asked(handle.workflowId))).toEqual(before);
  expect(before).not.toContain('ActivityCompleted beside');
}

describe('what runs beside stops at its next operation, and nothing more is asked', () => {
  test('where an operation of a parallel activity was halted', async () => {
    const rules: Rule[] = [{ when: { function: 'halted' }, answer: HALT }];
    await stopped(await world.start('together', [[{ activity: 'beside' }, { activity: 'halts' }]], { rules }));
  });

  test('where a parallel local activity was', async () => {
    const rules: Rule[] = [{ when: { function: 'halted' }, answer: HALT }];
    await stopped(await world.start('together', [[{ activity: 'beside' }, { activity: 'halts', local: true }]], { rules }));
  });

  test('where a signal of its workflow was', async () => {
    const handle = await world.start('drifts', [{ activity: 'beside' }, 'ends'], { rules: [{ when: { signal_name: 'poke' }, answer: HALT }] });
    await beside.begun;
    await handle.signal('poke');
    await stopped(handle);
  });

  test('where the workflow has gone on to its next run meanwhile', async () => {
    const rules: Rule[] = [{ when: { event_type: 'WorkflowStarted' }, answer: { verdict: 'allow' }, times: 1 }, { when: { event_type: 'WorkflowStarted' }, answer: HALT }];
    const handle = await world.start('drifts', [{ activity: 'beside' }, 'rolls'], { rules });
    await beside.begun;
    await handle.signal('poke');
    await stopped(handle);
  });

  test('but not that of another workflow', async () => {
    const other = await world.start('steps', [[{ activity: 'beside' }]]);
    await beside.begun;
    const ran = await world.run('steps', [[{ activity: 'halts' }]], { rules: [{ when: { function: 'halted' }, answer: HALT }] });
    expect(ran).toMatchObject(TERMINATED);
    beside.letGo();
    expect(await beside.ended).toBe('ran');
    expect(await ending(other)).toEqual({ result: [null] });
  });
});

test.each(['started', 'completed'])('a synchronous operation, %s: terminates', async (stage) => {
  const ran = await world.run('steps', [[{ activity: 'reads' }]], { rules: [{ when: { file_operation: 'read', stage }, answer: HALT }] });
  expect(ran).toMatchObject(TERMINATED);
  expect(stepsOf(ran.asked).at(-1)).toBe(`file_operation/${stage}`);
});

test('an update: fails for its caller and terminates', async () => {
  const handle = await world.start('inbox', [{ wanted: 1 }], { rules: [{ when: { signal_name: 'put' }, answer: HALT }] });
  await expect(handle.executeUpdate('put', { args: ['x'] })).rejects.toThrow();
  expect(await ending(handle)).toMatchObject(TERMINATED);
});

test('the end of a workflow that failed: terminates', async () => {
  const ran = await world.run('ends', ['application'], { rules: [{ when: { event_type: 'WorkflowFailed' }, answer: HALT }] });
  expect(ran).toMatchObject(TERMINATED);
});

testContract(world);
testSecrecy(world);
