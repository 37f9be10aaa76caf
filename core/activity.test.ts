import { describe, expect, test, vi } from 'vitest';
import { runActivity } from './activity.ts';
import type { Attempt } from './attempt.ts';
import { ApprovalPendingError, ApprovalRejectedError, GovernanceAPIError, GovernanceBlockedError, GovernanceHaltError } from './errors.ts';
import { governIn } from './govern.ts';
import { ALLOW, type Answering, at, CALL, INFO, RESULT, stepOf, type TestGovernor, testGovernor, testHost } from './test-support.ts';

const operation = (core: TestGovernor, run: () => Promise<unknown> = async () => 1): Promise<unknown> => {
  const attempt = core.governor.scopes.storage.get();
  if (attempt === undefined) throw new Error('no activity');
  return governIn(attempt, { ...CALL }, run, RESULT);
};

test('an activity is asked about at its start, in between and at its end', async () => {
  const core = testGovernor();
  const output = await runActivity(core.governor, INFO, ['a'], async (input) => (await operation(core), { got: input }), testHost());
  expect(output).toEqual({ got: ['a'] });
  expect(core.steps()).toEqual(['ActivityStarted', 'started', 'completed', 'ActivityCompleted']);
  const [started, hook, , completed] = core.asked();
  expect(started?.body).toEqual({
    source: 'workflow-telemetry',
    event_type: 'ActivityStarted',
    workflow_id: 'wf-1',
    run_id: 'run-1',
    workflow_type: 'Agent',
    activity_id: '2',
    activity_type: 'fetchPage',
    task_queue: 'agents',
    attempt: 1,
    activity_input: ['a'],
    timestamp: '2026-01-01T00:00:00.000Z',
  });
  expect(hook?.body).toMatchObject({ event_type: 'ActivityStarted', activity_output: null, hook_trigger: true, span_count: 1 });
  expect(completed?.body).toMatchObject({
    event_type: 'ActivityCompleted',
    status: 'completed',
    activity_output: { got: ['a'] },
    error: null,
    span_count: 0,
    spans: [],
    duration_ms: 0,
  });
});

test('its duration is its own, without the round trips to Core', async () => {
  const core: TestGovernor = testGovernor(() => (core.clock.advance(100), ALLOW));
  await runActivity(core.governor, INFO, [], async () => core.clock.advance(7), testHost());
  expect(core.asked().at(-1)?.body).toMatchObject({ duration_ms: 7, end_time: expect.closeTo(core.clock.now() / 1000 - 0.1, 6) });
});

test('sendActivityStartEvent false leaves the start out', async () => {
  const core = testGovernor(() => ALLOW, { sendActivityStartEvent: false });
  await runActivity(core.governor, INFO, [], async () => 1, testHost());
  expect(core.steps()).toEqual(['ActivityCompleted']);
});

describe('stops', () => {
  test('a block at the start: the body never runs and no end is told', async () => {
    const core = testGovernor(at('ActivityStarted', { verdict: 'block' }));
    const body = vi.fn(async () => 1);
    await expect(runActivity(core.governor, INFO, [], body, testHost())).rejects.toThrow(GovernanceBlockedError);
    expect(body).not.toHaveBeenCalled();
    expect(core.steps()).toEqual(['ActivityStarted']);
  });

  test('a swallowed block still fails the activity, and its end is told as failed (fault: failed-activity-untold)', async () => {
    const core = testGovernor(at('started', { verdict: 'block', reason: 'no' }));
    const run = runActivity(core.governor, INFO, [], async () => (await operation(core).catch(() => 'swallowed'), 'fine'), testHost());
    await expect(run).rejects.toThrow('Governance blocked: no');
    expect(core.asked().at(-1)?.body).toMatchObject({
      event_type: 'ActivityCompleted',
      status: 'failed',
      activity_output: null,
      error: { type: 'GovernanceBlockedError', message: 'Governance blocked: no' },
    });
  });

  test('a report nobody waited for stops the activity too', async () => {
    const core = testGovernor(at('completed', { verdict: 'block' }));
    const run = runActivity(core.governor, INFO, [], async () => void (await operation(core, async () => undefined)), testHost());
    await expect(run).rejects.toThrow(GovernanceBlockedError);
  });

  test('after a halt nothing more is told', async () => {
    const core = testGovernor(at('started', { verdict: 'halt' }));
    const host = testHost();
    const run = runActivity(core.governor, INFO, [], async () => void (await operation(core).catch(() => undefined)), host);
    await expect(run).rejects.toThrow(GovernanceHaltError);
    expect(core.steps()).toEqual(['ActivityStarted', 'started']);
    expect(host.halted.length).toBe(1);
  });

  test('a block at the end withholds the output', async () => {
    const core = testGovernor(at('ActivityCompleted', { verdict: 'block' }));
    await expect(runActivity(core.governor, INFO, [], async () => 'secret', testHost())).rejects.toThrow(GovernanceBlockedError);
  });

  test('a halt that could not be carried out is logged and still fails the activity', async () => {
    const core = testGovernor(at('ActivityStarted', { verdict: 'halt' }));
    const host = testHost({ halt: () => Promise.reject(new Error('permission denied')) });
    await expect(runActivity(core.governor, INFO, [], async () => 1, host)).rejects.toThrow(GovernanceHaltError);
    expect(core.lines).toMatchObject([{ level: 'error', message: expect.stringContaining('wf-1') }]);
  });
});

describe('its own failure', () => {
  test('surfaces, and its end is told', async () => {
    const core = testGovernor();
    const own = new RangeError('mine');
    await expect(runActivity(core.governor, INFO, [], () => Promise.reject(own), testHost())).rejects.toBe(own);
    expect(core.asked().at(-1)?.body).toMatchObject({ status: 'failed', error: { type: 'RangeError', message: 'mine' } });
  });

  test('surfaces whatever becomes of that event (fault: own-error-hidden)', async () => {
    const own = new Error('mine');
    for (const answer of [{ status: 500 }, { status: 401 }, { json: { verdict: 'block' } }, { text: 'garbage' }]) {
      const core = testGovernor((asked) => (stepOf(asked) === 'ActivityCompleted' ? answer : ALLOW));
      await expect(runActivity(core.governor, INFO, [], () => Promise.reject(own), testHost())).rejects.toBe(own);
    }
  });

  test('control flow is not a failure: no end is told', async () => {
    const core = testGovernor();
    const later = new Error('completes elsewhere');
    const host = testHost({ isControlFlow: (error) => error === later });
    await expect(runActivity(core.governor, INFO, [], () => Promise.reject(later), host)).rejects.toBe(later);
    expect(core.steps()).toEqual(['ActivityStarted']);
  });
});

describe('redaction', () => {
  const redact = (step: string, input_type: string, redacted_input: unknown): Answering =>
    at(step, { verdict: 'allow', guardrails_result: { input_type, redacted_input } });

  test('of the input reaches the body, the hooks and the end', async () => {
    const core = testGovernor(redact('ActivityStarted', 'activity_input', { prompt: '[PHONE]' }));
    const input = [{ prompt: '555-1234', keep: 1 }] as const;
    const seen = await runActivity(core.governor, INFO, input, async ([order]) => (await operation(core), order), testHost());
    expect(seen).toEqual({ prompt: '[PHONE]', keep: 1 });
    expect(input[0].prompt).toBe('555-1234');
    for (const asked of core.asked().slice(1)) expect(asked.body['activity_input']).toEqual([{ prompt: '[PHONE]', keep: 1 }]);
  });

  test('of the output is what the caller gets', async () => {
    const core = testGovernor(redact('ActivityCompleted', 'activity_output', { card: '[CARD]' }));
    expect(await runActivity(core.governor, INFO, [], async () => ({ card: '4111', ok: true }), testHost())).toEqual({ card: '[CARD]', ok: true });
  });

  test.each<[string, string, string, unknown]>([
    ['more items than arguments', 'ActivityStarted', 'activity_input', ['a', 'b']],
    ['an object for a string', 'ActivityStarted', 'activity_input', [{ a: 1 }]],
    ['the output at the start', 'ActivityStarted', 'activity_output', 'x'],
    ['the input at the end', 'ActivityCompleted', 'activity_input', ['x']],
  ])('%s is refused', async (_name, step, type, redacted) => {
    const core = testGovernor(redact(step, type, redacted));
    const body = vi.fn(async () => 'out');
    await expect(runActivity(core.governor, INFO, ['text'], body, testHost())).rejects.toThrow(GovernanceAPIError);
    expect(body).toHaveBeenCalledTimes(step === 'ActivityStarted' ? 0 : 1);
  });
});

describe('approvals', () => {
  const asking = { verdict: 'require_approval', approval_id: 'apr-1' };
  const answered = (step: string, poll: Record<string, unknown>): Answering => (asked) =>
    stepOf(asked) === 'approval' ? { json: { id: 'apr-1', ...poll } } : at(step, asking)(asked);

  test('elsewhere: ends with what is pending, and no end is told', async () => {
    const atStart = testGovernor(at('ActivityStarted', asking));
    const elsewhere = testHost({ approval: 'elsewhere' });
    const error = await runActivity(atStart.governor, INFO, [], async () => 1, elsewhere).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ApprovalPendingError);
    expect((error as ApprovalPendingError).pending).toMatchObject([{ identifier: 'fetchPage', approvalId: 'apr-1' }]);

    const inside = testGovernor(at('started', asking));
    const both = async (): Promise<void> => void (await Promise.allSettled([operation(inside), operation(inside)]));
    const parallel = await runActivity(inside.governor, INFO, [], both, elsewhere).catch((caught: unknown) => caught);
    expect((parallel as ApprovalPendingError).pending.length).toBe(2);
    expect(inside.steps()).toEqual(['ActivityStarted', 'started', 'started']);
  });

  test('at the end the wait is here: the work is done and is not done twice', async () => {
    const core = testGovernor(answered('ActivityCompleted', { verdict: 'allow' }));
    const body = vi.fn(async () => 'out');
    expect(await runActivity(core.governor, INFO, [], body, testHost({ approval: 'elsewhere' }))).toBe('out');
    expect(body).toHaveBeenCalledTimes(1);
  });

  test('an approver may change the arguments', async () => {
    const grant = { verdict: 'allow', guardrails_result: { input_type: 'activity_input', redacted_input: ['edited'] } };
    const core = testGovernor(answered('ActivityStarted', grant));
    expect(await runActivity(core.governor, INFO, ['asked'], async ([text]) => text, testHost())).toBe('edited');
    expect(core.asked().at(-1)?.body['activity_input']).toEqual(['edited']);
  });

  test('a rejection fails the activity with its reason', async () => {
    const core = testGovernor(answered('ActivityStarted', { verdict: 'block', reason: 'too dear' }));
    await expect(runActivity(core.governor, INFO, [], async () => 1, testHost())).rejects.toThrow(ApprovalRejectedError);
  });
});

test('late work of an activity that has ended is unattributed (fault: late-work-unseen)', async () => {
  const core = testGovernor(() => ALLOW, { unattributed: 'deny' });
  let attempt: Attempt | undefined;
  await runActivity(core.governor, INFO, [], async () => void (attempt = core.governor.scopes.storage.get()), testHost());
  const run = vi.fn(async () => 1);
  await expect(governIn(attempt as Attempt, { ...CALL }, run, RESULT)).rejects.toThrow('belongs to no running activity');
  expect(run).not.toHaveBeenCalled();
});

test('an output or input that is too long, or is nothing, never costs the event a field', async () => {
  for (const value of ['x'.repeat(9 * 1024 * 1024), () => 1, Symbol('s'), Array.from({ length: 1_000_001 }, () => 0)]) {
    const core = testGovernor();
    await runActivity(core.governor, INFO, [value], async () => value, testHost());
    for (const { body } of core.asked()) {
      expect(body).toMatchObject({ workflow_id: 'wf-1', attempt: 1, timestamp: '2026-01-01T00:00:00.000Z' });
      expect(body).toHaveProperty('activity_input');
    }
    expect(core.asked().at(-1)?.body).toMatchObject({ status: 'completed', error: null });
    expect(core.asked().at(-1)?.body).toHaveProperty('activity_output');
  }
});
