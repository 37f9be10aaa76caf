import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Answer } from '../../conformance/testing.ts';
import { resolveConfig } from '../../core/config.ts';
import { prepareBundle } from './bundle.ts';
import { initialize } from './initialize.ts';
import { binding, type Ended, ending, historyText, type RunningWorker, runtimeLog, stepsOf, testBundle, testSecrecy, testWorld, unique, withSpan } from './test-support.ts';

let effects: string[] = [];
const activities = {
  async act() {
    effects.push('act');
    return withSpan('hook', () => (effects.push('hook'), 'done'));
  },
};

const world = testWorld({ activities, governanceTimeout: 500 });
let closed: RunningWorker;
beforeAll(async () => void (closed = await world.worker({ governancePolicy: 'fail_closed' })));
afterAll(() => closed[Symbol.asyncDispose]());
beforeEach(() => void (effects = []));

const OUTAGES: Readonly<Record<string, Answer>> = {
  'HTTP 500': { status: 500, json: {} },
  'a closed connection': { fault: 'drop' },
  'no JSON': { fault: 'garbage' },
  'an HTML page': { fault: 'wrong_type' },
  'no answer at all': { fault: 'never' },
  'a redirect': { status: 302, headers: { location: '/' } },
};

type Told = Ended & { readonly steps: readonly string[] };

/** One workflow per outage, all at once: waiting for one is waiting for all. */
async function inEveryOutage<T>(workflow: string, args: readonly unknown[], taskQueue: string, look: (told: Told) => T): Promise<Record<string, T>> {
  const ids = Object.keys(OUTAGES).map((outage) => [outage, unique(workflow)] as const);
  await world.core.clear();
  await world.core.setPolicy({
    rules: ids.map(([outage, workflow_id]) => ({ when: { workflow_id }, answer: OUTAGES[outage] as Answer })),
  });
  const told = ids.map(async ([outage, workflowId]) => {
    const options = { taskQueue, workflowId, args: [...args], workflowExecutionTimeout: '40s' } as const;
    const ended = await ending(await world.client.workflow.start(workflow, options));
    return [outage, look({ ...ended, steps: stepsOf(await world.asked(workflowId)) })] as const;
  });
  return Object.fromEntries(await Promise.all(told));
}

const everyOutage = <T>(same: T): Record<string, T> => Object.fromEntries(Object.keys(OUTAGES).map((outage) => [outage, same]));

describe('fail_open with a Core that gives no answer', () => {
  test('workflows and activities go on', async () => {
    const results = await inEveryOutage('steps', [[{ activity: 'act' }]], world.taskQueue, ({ result }) => result);
    expect(results).toEqual(everyOutage(['done']));
    expect(world.lines).toContainEqual(
      expect.objectContaining({ level: 'warn', message: expect.stringMatching(/^OpenBox Core not reachable: .*going on \(fail_open\)/u) as unknown }),
    );
  });

  test('an event is sent three times, whatever its turn', async () => {
    // Others make Core count as dead, which spares an event its first attempts.
    await using own = await world.worker();
    const ran = await world.run('ends', ['well'], { default: { status: 500, json: {} }, taskQueue: own.taskQueue });
    expect(ran.result).toBe('well');
    expect(stepsOf(ran.asked)).toEqual([...Array.from({ length: 3 }, () => 'WorkflowStarted'), ...Array.from({ length: 3 }, () => 'WorkflowCompleted')]);
  });

  test('an event goes out as soon as Core is back', async () => {
    const ran = await world.run('ends', ['well'], {
      rules: [{ when: { event_type: 'WorkflowStarted' }, answer: { status: 500, json: {} }, times: 1 }],
    });
    expect(ran.result).toBe('well');
    expect(stepsOf(ran.asked)).toEqual(['WorkflowStarted', 'WorkflowStarted', 'WorkflowCompleted']);
  });
});

describe('fail_closed with a Core that gives no answer', () => {
  test('a workflow is terminated after three attempts of its first event, with the reason (fault: core-down-retried-for-ever)', async () => {
    const reasons = await inEveryOutage('waits', [], closed.taskQueue, ({ failure }) => failure?.[0]?.message);
    expect(reasons).toEqual(everyOutage(expect.stringMatching(/^Governance HALT: OpenBox Core not reachable: /u)));
    expect(effects).toEqual([]);
  });

  test.each([
    ['ActivityStarted', { event_type: 'ActivityStarted', hook: false }, []],
    ['a hook, started', { stage: 'started' }, ['act']],
    ['a hook, completed', { stage: 'completed' }, ['act', 'hook']],
    ['ActivityCompleted', { event_type: 'ActivityCompleted' }, ['act', 'hook']],
  ])('at %s: what was asked about is refused and the workflow terminated (fault: closed-hook-halts-nothing)', async (_where, when, happened) => {
    const ran = await world.run('steps', [[{ activity: 'act' }]], {
      taskQueue: closed.taskQueue,
      rules: [{ when, answer: { status: 500, json: {} } }],
    });
    expect(ran.failure).toMatchObject([{ name: 'TerminatedFailure', message: 'Governance HALT: OpenBox Core not reachable: HTTP 500' }]);
    expect(effects).toEqual(happened);
  });
});

describe('an answer to an event that cannot be followed', () => {
  const rules = [{ when: { event_type: ['WorkflowStarted', 'SignalReceived'] }, answer: { verdict: 'perhaps' } }];

  test('blocks under fail_open: a signal stops what comes next', async () => {
    const handle = await world.start('inbox', [{ wanted: 1, after: [{ activity: 'act' }] }], { rules });
    await handle.signal('add', 'x');
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'ActivityFailure' }, { type: 'GovernanceBlock' }] });
    expect(effects).toEqual([]);
  });

  test('halts under fail_closed (fault: event-without-verdict-passes)', async () => {
    const ran = await world.run('waits', [], { rules, taskQueue: closed.taskQueue });
    expect(ran.failure?.[0]?.message).toMatch(/^Governance HALT: OpenBox Core answered what this SDK cannot follow/u);
  });
});

describe('a key that is refused while running', () => {
  const refused = { status: 401, json: { reason_code: 'key_revoked' } };

  test.each(['fail_open', 'fail_closed'])('stops nothing for good under %s: mended, the workflow goes on', async (policy) => {
    const taskQueue = policy === 'fail_open' ? world.taskQueue : closed.taskQueue;
    const ran = await world.run('steps', [[{ activity: 'act', options: { retry: { initialInterval: '100ms' } } }]], {
      taskQueue,
      rules: ['WorkflowStarted', 'ActivityStarted', 'ActivityCompleted', 'WorkflowCompleted'].map((event_type) => ({
        when: { event_type, hook: false },
        answer: refused,
        times: 1,
      })),
    });
    expect(ran.result).toEqual(['done']);
    expect(effects).toEqual(['act', 'hook', 'act', 'hook']);
    const count = (event: string): number => ran.asked.filter(({ event_type, hook_trigger }) => event_type === event && hook_trigger !== true).length;
    expect([count('WorkflowStarted'), count('WorkflowCompleted')]).toEqual([2, 2]);
  });

  test('is tried until it is mended: one that is refused for longer than three attempts', async () => {
    const ran = await world.run('ends', ['well'], {
      taskQueue: closed.taskQueue,
      rules: [{ when: { event_type: 'WorkflowStarted' }, answer: refused, times: 4 }],
    });
    expect(ran.result).toBe('well');
    expect(stepsOf(ran.asked)).toEqual([...Array.from({ length: 5 }, () => 'WorkflowStarted'), 'WorkflowCompleted']);
    expect(await historyText(ran.handle)).toContain('OpenBox: WorkflowStarted (API key refused, trying again)');
  });

  test('is said in the failure and in the log', async () => {
    const handle = await world.start('ends', ['well'], { rules: [{ when: { event_type: 'WorkflowStarted' }, answer: refused }] });
    const lastFailure = async (): Promise<unknown> => (await handle.describe()).raw.pendingActivities?.[0]?.lastFailure;
    const message = expect.stringMatching(/^OpenBox Core refused the API key \(HTTP 401 key_revoked\)/u) as unknown;
    await expect.poll(lastFailure).toMatchObject({ message, applicationFailureInfo: { type: 'OpenBoxAuthError' } });
    expect(world.lines).toContainEqual(expect.objectContaining({ level: 'warn', message }));
    await world.core.setPolicy({});
    expect(await handle.result()).toBe('well');
  });

  test('fails an activity without another attempt as OpenBoxAuthError, and terminates nothing', async () => {
    const ran = await world.run('steps', [[{ activity: 'act', options: { retry: { maximumAttempts: 1 } }, catches: true }]], {
      taskQueue: closed.taskQueue,
      rules: [{ when: { event_type: 'ActivityStarted' }, answer: refused }],
    });
    expect(ran.result).toMatchObject([{ failed: [{ name: 'ActivityFailure' }, { type: 'OpenBoxAuthError' }] }]);
    expect(effects).toEqual([]);
  });
});

describe('a worker that was made without the activity that sends events', () => {
  async function within<T>(governancePolicy: 'fail_open' | 'fail_closed', body: (taskQueue: string) => Promise<T>): Promise<T> {
    const { url, apiKey } = world.core;
    await using parts = await initialize(binding, { openboxUrl: url, openboxApiKey: apiKey, governancePolicy });
    const taskQueue = unique('lacking');
    const worker = await Worker.create({
      connection: world.connection,
      taskQueue,
      workflowBundle: await parts.prepareBundle(await testBundle()),
      activities,
      interceptors: { activity: [...parts.interceptors.activity] },
    });
    return await worker.runUntil(() => body(taskQueue));
  }

  test('does not hold its workflows up under fail_open, and says so', async () => {
    const ran = await within('fail_open', (taskQueue) => world.run('steps', [[{ activity: 'act' }]], { taskQueue }));
    expect(ran.result).toEqual(['done']);
    for (const event of ['WorkflowStarted', 'WorkflowCompleted']) expect(runtimeLog).toContain(`ERROR: OpenBox: ${event} could not be sent`);
  });

  test('fails them under fail_closed: their next activity, and them where they call none', async () => {
    const [steps, ends] = await within('fail_closed', async (taskQueue) => {
      const handles = [await world.start('steps', [[{ activity: 'act' }]], { taskQueue }), await world.start('ends', ['well'], { taskQueue })];
      return Promise.all(handles.map(ending));
    });
    const halt = { type: 'GovernanceHalt', message: 'Governance HALT: WorkflowStarted could not be sent to OpenBox Core' };
    expect(steps).toMatchObject({ failure: [{ name: 'ActivityFailure' }, halt] });
    expect(ends).toMatchObject({ failure: [halt] });
    expect(effects).toEqual([]);
  });

  test.each(['fail_open', 'fail_closed'] as const)("leaves a workflow's own failure in place under %s (fault: workflow-error-hidden)", async (policy) => {
    const ran = await within(policy, (taskQueue) => world.run('ends', ['application'], { taskQueue }));
    expect(ran.failure).toMatchObject([{ type: 'OrderRejected', message: 'order rejected' }]);
  });

  test.each([['fail_open', 'fail_closed'], ['fail_closed', 'fail_open']] as const)('what %s made of that replays under %s', async (then, now) => {
    const handle = await within(then, async (taskQueue) => {
      const lost = await world.start('steps', [[{ activity: 'act' }]], { taskQueue });
      await ending(lost);
      return lost;
    });
    const config = resolveConfig({ openboxUrl: 'http://localhost', openboxApiKey: 'obx_test_replay', governancePolicy: now });
    await Worker.runReplayHistory({ workflowBundle: await prepareBundle(await testBundle(), config) }, await handle.fetchHistory(), handle.workflowId);
  });
});

test('a Core that is not there at all does not hold a worker up', async () => {
  await using dead = await world.worker({ openboxUrl: 'http://127.0.0.1:9', validateApiKey: false, sendStartEvent: false });
  const ran = await world.run('steps', [[{ activity: 'act' }]], { taskQueue: dead.taskQueue });
  expect(ran.result).toEqual(['done']);
});

testSecrecy(world);
