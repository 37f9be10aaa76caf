import { describe, expect, test, vi } from 'vitest';
import { runActivity } from './activity.ts';
import type { OpenBoxOptions } from './config.ts';
import { createGate } from './gate.ts';
import { governIn, governSyncIn } from './govern.ts';
import { memorySyncGate } from './ports/sync-gate.ts';
import { ALLOW, type Answering, CALL, deferred, INFO, RESULT, stepOf, testAttempt, testGovernor, type TestGovernor, testHost } from './test-support.ts';
import { runWorkflow } from './workflow.ts';

const observing = (answer: Answering, options: OpenBoxOptions = {}, gate?: Parameters<typeof testGovernor>[2]): TestGovernor =>
  testGovernor(answer, { mode: 'observe', ...options }, gate);

/** Answers every step, events of the workflow too. */
const always =
  (json: Record<string, unknown>): Answering =>
  () => ({ json });

const agent = (core: TestGovernor, body: (given: unknown) => unknown = (given) => given): Promise<unknown> =>
  runWorkflow(core.governor, { workflowType: 'Agent' }, [], ({ activity }) =>
    activity('act', [{ card: '4111' }], async (given) => {
      await governIn(testAttempt(core), { ...CALL }, async () => 1, RESULT);
      return body(given);
    }),
  );

const STEPS = ['WorkflowStarted', 'ActivityStarted', 'started', 'completed', 'ActivityCompleted', 'WorkflowCompleted'];

describe('stops nothing, and says at every step what it would have stopped', () => {
  test.each<[Record<string, unknown>, string, object]>([
    [{ verdict: 'block', reason: 'no', policy_id: 'p' }, 'Governance blocked: no', { code: 'OPENBOX_BLOCKED', verdict: 'block', policyId: 'p' }],
    [{ verdict: 'halt', reason: 'enough' }, 'Governance HALT: enough', { code: 'OPENBOX_HALTED' }],
    [{ verdict: 'require_approval', reason: 'look', approval_id: 'a' }, 'Approval required: look', { verdict: 'require_approval', code: undefined }],
    [{ verdict: 'allow', guardrails_result: { validation_passed: false, reasons: [{ reason: 'pii' }] } }, 'Guardrails validation failed: pii', {}],
    [{ verdict: 'perhaps' }, 'OpenBox Core answered what this SDK cannot follow: unknown verdict "perhaps"', { code: 'OPENBOX_API_FAILED' }],
  ])('%j', async (json, said, details) => {
    const core = observing(always(json));
    expect(await agent(core)).toEqual({ card: '4111' });
    expect(core.steps()).toEqual(STEPS);
    const lines = core.lines.filter(({ message }) => message.startsWith('[observe] Not enforced: '));
    expect(lines.map(({ details: found }) => found?.['identifier'])).toEqual(['WorkflowStarted of Agent', 'act', 'add', 'add', 'act', 'WorkflowCompleted of Agent']);
    expect(new Set(lines.map(({ level }) => level))).toEqual(new Set(['warn']));
    expect(lines.map(({ details: found }) => found?.['activityId'])).toEqual([undefined, '1', '2', '2', '1', undefined]);
    // Operations are those of an attempt that stands for itself.
    for (const n of [0, 1, 4, 5]) expect(lines[n]?.details).toMatchObject({ workflowId: core.asked()[0]?.body['workflow_id'], runId: core.asked()[0]?.body['run_id'] });
    expect(lines[2]?.details).toMatchObject({ workflowId: 'wf-1', runId: 'run-1' });
    // Workflow events have a way of their own with what cannot be followed.
    expect(lines[1]).toMatchObject({ message: `[observe] Not enforced: ${said}` });
    for (const [key, value] of Object.entries(details)) expect(lines[1]?.details?.[key]).toBe(value);
  });

  test('a refused key, and fail_closed with Core down: said once a minute', async () => {
    for (const status of [401, 500]) {
      const core = observing(() => ({ status }), { governancePolicy: 'fail_closed' });
      expect(await agent(core)).toEqual({ card: '4111' });
      expect(core.lines.map(({ message }) => message)).toEqual([
        expect.stringMatching(status === 401 ? /^\[observe\] Not enforced: OpenBox Core refused/ : /^\[observe\] Not enforced: Governance HALT: OpenBox Core not reachable/),
      ]);
    }
  });
});

test('a redaction is said and not applied: not to the input, the output or a result', async () => {
  const redact = (input_type: string, redacted_input: unknown): object => ({ verdict: 'allow', guardrails_result: { input_type, redacted_input } });
  const core = observing((asked) => {
    const step = stepOf(asked);
    if (step === 'ActivityStarted') return { json: redact('activity_input', [{ card: '[X]' }]) };
    return step === 'ActivityCompleted' || step === 'completed' ? { json: redact('activity_output', { card: '[X]' }) } : ALLOW;
  });
  expect(await agent(core)).toEqual({ card: '4111' });
  for (const { body } of core.asked().slice(1, 5)) expect(body['activity_input'] ?? []).not.toContainEqual({ card: '[X]' });
  expect(core.lines.map(({ message }) => message)).toEqual(Array.from({ length: 3 }, () => '[observe] Not enforced: a redaction'));
});

test('an approval is not opened: nothing is polled, and nothing runs again', async () => {
  const core = observing(always({ verdict: 'require_approval' }));
  const host = testHost({ approval: 'elsewhere' });
  expect(await runActivity(core.governor, INFO, [], async () => 1, host)).toBe(1);
  expect(core.steps()).not.toContain('approval');
});

describe('synchronous operations', () => {
  test('run, whatever the gate says', () => {
    for (const outcome of [{ kind: 'unauthorized', problem: 'HTTP 401' }, { kind: 'unfollowable', problem: '?' }, { kind: 'unaskable', problem: 'no thread' }] as const) {
      const core = observing(() => ALLOW, { strict: true }, memorySyncGate(() => outcome));
      expect(governSyncIn(testAttempt(core), { ...CALL }, () => 3, RESULT)).toBe(3);
      expect(core.lines[0]?.message).toMatch(/^\[observe\] Not enforced: /);
    }
  });

  test('run without a gate, also with strict', () => {
    const core = observing(() => ALLOW, { strict: true });
    expect(governSyncIn(testAttempt(core), { ...CALL }, () => 3, RESULT)).toBe(3);
    expect(core.lines[0]?.message).toMatch(/^\[observe\] Not enforced: .*cannot be asked about/);
  });
});

test('a cancelled activity goes on: its operation runs, and its result is handed out', async () => {
  const cancelled = testHost({ signal: AbortSignal.abort(new Error('cancelled')) });
  const core = observing(() => ALLOW, {}, memorySyncGate(() => ({ kind: 'unreachable', problem: 'x' })));
  expect(await governIn(testAttempt(core, cancelled), { ...CALL }, async () => 3, RESULT)).toBe(3);
  expect(governSyncIn(testAttempt(core, cancelled), { ...CALL }, () => undefined, RESULT)).toBeUndefined();
});

test('what belongs to no activity runs with unattributed "deny" too, and is said', async () => {
  const core = observing(() => ALLOW, { unattributed: 'deny' });
  const gate = createGate(core.governor.scopes);
  const running = deferred<undefined>();
  const run = runActivity(core.governor, INFO, [], () => running.promise, testHost());
  await vi.waitUntil(() => core.governor.scopes.running.size === 1);
  core.governor.scopes.storage.run(undefined, () => expect(gate.enter('fetch')).toBeUndefined());
  running.resolve(undefined);
  await run;
  expect(core.lines).toMatchObject([{ message: expect.stringMatching(/^\[observe\] Operation "fetch" belongs to no running activity.*it ran unasked$/) }]);
});
