import { inspect } from 'node:util';
import { Worker } from '@temporalio/worker';
import { beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../../conformance/testing.ts';
import { resolveConfig } from '../../core/config.ts';
import { prepareBundle } from './bundle.ts';
import { initialize } from './initialize.ts';
import { binding, ending, runtimeLog, stepsOf, testBundle, testContract, testSecrecy, testWorld, unique, withSpan } from './test-support.ts';

let effects: string[] = [];
const activities = {
  async act(given: unknown) {
    effects.push('act');
    await withSpan('hook', () => (effects.push('hook'), { card: '4111' }));
    return given;
  },
};

const world = testWorld({ activities, mode: 'observe', hitlPollIntervalMs: 100 });
beforeEach(() => {
  effects = [];
  (world.lines as unknown[]).length = 0;
});

const redacts = (input_type: string, redacted_input: unknown): Answer => ({ verdict: 'allow', guardrails_result: { input_type, redacted_input } });
const ANSWERS: Readonly<Record<string, Answer>> = {
  BLOCK: { verdict: 'block', reason: 'no' },
  HALT: { verdict: 'halt', reason: 'stop everything' },
  REQUIRE_APPROVAL: { verdict: 'require_approval', reason: 'please look' },
  'a redaction of the input': redacts('activity_input', [{ card: '[X]' }]),
  'a redaction of the output': redacts('activity_output', { card: '[X]' }),
  'a failed validation': { verdict: 'allow', guardrails_result: { validation_passed: false } },
  'an answer that cannot be followed': { verdict: 'perhaps' },
  'a refused key': { status: 401, json: {} },
};

const named = (): void => {
  expect(world.lines.length).toBeGreaterThan(0);
  for (const { message } of world.lines) expect(message).toMatch(/^\[observe\] /u);
};

test.each(Object.entries(ANSWERS))('%s to every question: all is asked, nothing stopped, replaced or waited for, and all of it said', async (_, answer) => {
  const handle = await world.start('inbox', [{ wanted: 2, after: [{ activity: 'act', args: [{ card: '4111' }] }, { activity: 'act', args: [1], local: true }] }], { default: answer });
  await handle.signal('add', 'signal');
  expect(await handle.executeUpdate('put', { args: ['update'] })).toBeGreaterThan(0);
  expect(await ending(handle)).toEqual({ result: expect.arrayContaining(['signal', 'update', { card: '4111' }, 1]) as unknown });
  expect(effects).toEqual(['act', 'hook', 'act', 'hook']);
  const act = ['ActivityStarted act', 'function_call/started', 'function_call/completed', 'ActivityCompleted act'];
  const asked = await world.asked(handle.workflowId);
  expect(stepsOf(asked).toSorted()).toEqual(['WorkflowStarted', 'SignalReceived add', 'SignalReceived put', ...act, ...act, 'WorkflowCompleted'].toSorted());
  expect(inspect(asked, { depth: 10 })).not.toContain('[X]');
  expect((await world.core.events()).filter(({ path }) => path.endsWith('/approval'))).toEqual([]);
  named();
  const said = world.lines.filter(({ message }) => message.startsWith('[observe] Not enforced: '));
  // Those that come with every question are said once a minute.
  expect(said.length).toBe(answer.status === undefined ? asked.length : 1);
  for (const { details } of said) expect(details).toMatchObject({ workflowId: handle.workflowId, runId: asked[0]?.['run_id'] });
  if (answer.status !== undefined) return;
  const from = said.map(({ details: { event, signal, activityId } = {} }) => (event === undefined ? `activity ${activityId !== undefined}` : [event, signal].filter(Boolean).join(' ')));
  expect(from.toSorted()).toEqual(['WorkflowStarted', 'SignalReceived add', 'SignalReceived put', ...Array.from({ length: 8 }, () => 'activity true'), 'WorkflowCompleted'].toSorted());
});

describe('under fail_closed', () => {
  const closed = { governancePolicy: 'fail_closed', governanceTimeout: 500 } as const;

  test.each<[string, Answer]>([['HTTP 500', { status: 500, json: {} }], ['no answer at all', { fault: 'never' }]])('a Core that is down stops nothing: %s', async (_, answer) => {
    await using own = await world.worker(closed);
    const ran = await world.run('steps', [[{ activity: 'act', args: [1] }]], { taskQueue: own.taskQueue, default: answer });
    expect(ran.result).toEqual([1]);
    expect(effects).toEqual(['act', 'hook']);
    named();
    expect(world.lines.map(({ message }) => message)).toContainEqual(expect.stringMatching(/^\[observe\] Not enforced: Governance HALT: OpenBox Core not reachable/u));
  });

  test('nor does a worker without the activity that sends events: its log names the mode', async () => {
    const { url, apiKey } = world.core;
    await using parts = await initialize(binding, { openboxUrl: url, openboxApiKey: apiKey, mode: 'observe', ...closed });
    const taskQueue = unique('lacking');
    const workflowBundle = await parts.prepareBundle(await testBundle());
    const worker = await Worker.create({ connection: world.connection, taskQueue, workflowBundle, activities, interceptors: { activity: [...parts.interceptors.activity] } });
    const ran = await worker.runUntil(() => world.run('steps', [[{ activity: 'act', args: [1] }]], { taskQueue }));
    expect(ran.result).toEqual([1]);
    expect(runtimeLog).toContain('ERROR: OpenBox [observe]: WorkflowStarted could not be sent');
  });
});

test('every row of the coverage report names the mode', async () => {
  await using observing = await world.worker();
  await using enforcing = await world.worker({ mode: 'enforce' });
  const modes = ({ openbox }: typeof observing): unknown => [...new Set(openbox.coverageReport().map(({ mode }) => mode))];
  expect([modes(observing), modes(enforcing)]).toEqual([['observe'], ['enforce']]);
});

test('what was stopped while governance was enforced replays under observation, and the other way round', async () => {
  await using enforcing = await world.worker({ mode: 'enforce' });
  const rules = [{ when: { event_type: 'SignalReceived' }, answer: ANSWERS['BLOCK'] as Answer }];
  for (const [taskQueue, mode, result] of [[enforcing.taskQueue, 'observe', undefined], [world.taskQueue, 'enforce', ['x', 1]]] as const) {
    const handle = await world.start('inbox', [{ wanted: 1, after: [{ activity: 'act', args: [1] }] }], { rules, taskQueue });
    await handle.signal('add', 'x');
    expect((await ending(handle)).result).toEqual(result);
    const config = resolveConfig({ openboxUrl: 'http://localhost', openboxApiKey: 'obx_test_replay', mode });
    await Worker.runReplayHistory({ workflowBundle: await prepareBundle(await testBundle(), config) }, await handle.fetchHistory(), handle.workflowId);
  }
});

testContract(world);
testSecrecy(world);
