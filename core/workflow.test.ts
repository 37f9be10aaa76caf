import { expect, test, vi } from 'vitest';
import { GovernanceHaltError } from './errors.ts';
import type { Attempt } from './attempt.ts';
import { governIn } from './govern.ts';
import { ALLOW, at, CALL, deferred, RESULT, stepOf, testGovernor } from './test-support.ts';
import { runWorkflow } from './workflow.ts';

const AGENT = { workflowType: 'Agent', workflowId: 'wf-9' };

test('an agent without Temporal sends the same events', async () => {
  const core = testGovernor();
  const result = await runWorkflow(core.governor, AGENT, ['Ada'], async ({ activity }, name) => {
    return activity('greet', [name], async (who) => `Hello, ${who}`);
  });
  expect(result).toBe('Hello, Ada');
  expect(core.steps()).toEqual(['WorkflowStarted', 'ActivityStarted', 'ActivityCompleted', 'WorkflowCompleted']);
  const [started, activity, , completed] = core.asked();
  expect(started?.body).toMatchObject({ source: 'workflow-telemetry', workflow_id: 'wf-9', task_queue: 'default', activity_input: ['Ada'] });
  expect(activity?.body).toMatchObject({ workflow_id: 'wf-9', activity_id: '1', activity_type: 'greet', activity_input: ['Ada'] });
  expect(completed?.body).toMatchObject({ workflow_output: 'Hello, Ada', run_id: started?.body['run_id'] });
});

test('activities in parallel have ids of their own', async () => {
  const core = testGovernor();
  await runWorkflow(core.governor, AGENT, [], ({ activity }) => Promise.all([activity('a', [], () => 1), activity('b', [], () => 2)]));
  const ids = core.asked().filter((asked) => stepOf(asked) === 'ActivityStarted').map(({ body }) => body['activity_id']);
  expect(ids).toEqual(['1', '2']);
});

test('a halt ends it: what comes next does not run, swallowed or not', async () => {
  const core = testGovernor(at('ActivityStarted', { verdict: 'halt', reason: 'enough' }));
  const second = vi.fn(() => 2);
  const run = runWorkflow(core.governor, AGENT, [], async ({ activity }) => {
    await activity('first', [], () => 1).catch(() => undefined);
    await activity('second', [], second).catch(() => undefined);
    return 'fine';
  });
  const error = await run.catch((caught: unknown) => caught);
  expect(error).toBeInstanceOf(GovernanceHaltError);
  expect(error).toMatchObject({ message: 'Governance HALT: enough', reason: 'enough' });
  expect(second).not.toHaveBeenCalled();
  expect(core.steps()).toEqual(['WorkflowStarted', 'ActivityStarted']);
});

test('a block of a workflow event has no effect but a line in the log; a halt has', async () => {
  const blocked = testGovernor(at('WorkflowStarted', { verdict: 'block', reason: 'no' }));
  expect(await runWorkflow(blocked.governor, AGENT, [], async () => 1)).toBe(1);
  expect(blocked.lines).toMatchObject([{ level: 'error' }]);

  const body = vi.fn(async () => 1);
  const halted = testGovernor(at('WorkflowStarted', { verdict: 'halt' }));
  await expect(runWorkflow(halted.governor, AGENT, [], body)).rejects.toThrow(GovernanceHaltError);
  expect(body).not.toHaveBeenCalled();
});

test('a workflow event that needs an approval is no block: the line says so, and whose it is', async () => {
  const core = testGovernor(at('WorkflowStarted', { verdict: 'require_approval', reason: 'look' }));
  expect(await runWorkflow(core.governor, AGENT, [], async () => 1)).toBe(1);
  expect(core.lines).toMatchObject([
    {
      message: 'Stop of a workflow event has no effect: Governance blocked: OpenBox Core wants an approval, which nobody can wait for at WorkflowStarted: look',
      details: { workflowId: 'wf-9', runId: core.asked()[0]?.body['run_id'], event: 'WorkflowStarted' },
    },
  ]);
});

test("the agent's own error surfaces and is told", async () => {
  const own = new TypeError('mine');
  const core = testGovernor((asked) => (stepOf(asked) === 'WorkflowFailed' ? { status: 500 } : ALLOW));
  await expect(runWorkflow(core.governor, AGENT, [], () => Promise.reject(own))).rejects.toBe(own);
  expect(core.asked().at(-1)?.body).toMatchObject({ event_type: 'WorkflowFailed', error: { type: 'TypeError', message: 'mine' } });
});

test('a refused key ends it at its start', async () => {
  const core = testGovernor(() => ({ status: 401 }));
  const body = vi.fn(async () => 1);
  await expect(runWorkflow(core.governor, AGENT, [], body)).rejects.toMatchObject({ code: 'OPENBOX_AUTH_FAILED' });
  expect(body).not.toHaveBeenCalled();
});

test('a halt stops the activities that run beside it', async () => {
  const second = vi.fn(async () => 1);
  const core = testGovernor(at('completed', { verdict: 'halt' }));
  const halted = deferred<undefined>();
  const run = runWorkflow(core.governor, AGENT, [], async ({ activity }) => {
    const slow = activity('slow', [], async () => {
      const attempt = core.governor.scopes.storage.get() as Attempt;
      await halted.promise;
      return governIn(attempt, { ...CALL }, second, RESULT);
    });
    await activity('halted', [], async () => {
      const attempt = core.governor.scopes.storage.get() as Attempt;
      return governIn(attempt, { ...CALL }, async () => 1, RESULT);
    }).catch(() => undefined);
    halted.resolve(undefined);
    await slow.catch(() => undefined);
  });
  await expect(run).rejects.toThrow(GovernanceHaltError);
  expect(second).not.toHaveBeenCalled();
});

test.each([
  ['a type in place of options', 'Agent', [], (): number => 1, /Options are .*expected an object/],
  ['no type', {}, [], (): number => 1, /needs the option workflowType/],
  ['an empty type', { workflowType: '' }, [], (): number => 1, /needs the option workflowType/],
  ['a misspelt option', { workflowTyp: 'Agent' }, [], (): number => 1, /did you mean "workflowType"/],
  ['no list of arguments', AGENT, (): number => 1, undefined, /second argument of runWorkflow is no list/],
  ['no body', AGENT, [], undefined, /third argument of runWorkflow is no function/],
])('a wrong call is refused before Core is asked: %s', async (_, options, input, body, message) => {
  const core = testGovernor();
  await expect(runWorkflow(core.governor, options as never, input as never, body as never)).rejects.toThrow(message);
  expect(core.steps()).toEqual([]);
});

test.each([
  ['no type', [undefined, [], (): number => 1], /first argument of activity is no text/],
  ['no list', ['a', (): number => 1], /second argument of activity is no list/],
  ['no body', ['a', []], /third argument of activity is no function/],
])('a wrong activity is refused: %s', async (_, args, message) => {
  const core = testGovernor();
  const run = runWorkflow(core.governor, AGENT, [], ({ activity }) => (activity as (...given: unknown[]) => Promise<unknown>)(...args));
  await expect(run).rejects.toThrow(message);
});

test('closed governance runs nothing, whatever the policy', async () => {
  const core = testGovernor();
  core.governor.closing.abort();
  const body = vi.fn(async () => 1);
  await expect(runWorkflow(core.governor, AGENT, [], body)).rejects.toThrow('after close()');
  expect(body).not.toHaveBeenCalled();
});

test.each([
  [{ sendStartEvent: false }, ['ActivityStarted', 'ActivityCompleted', 'WorkflowCompleted']],
  [{ skipWorkflowTypes: ['Agent'] }, ['ActivityStarted', 'ActivityCompleted']],
  [{ skipActivityTypes: ['a'] }, ['WorkflowStarted', 'WorkflowCompleted']],
  [{ enforceTaskQueues: ['other'] }, []],
])('options say what is told: %j', async (options, steps) => {
  const core = testGovernor(() => ALLOW, options);
  expect(await runWorkflow(core.governor, AGENT, [], ({ activity }) => activity('a', [], () => 1))).toBe(1);
  expect(core.steps()).toEqual(steps);
});
