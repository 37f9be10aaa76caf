import { describe, expect, test, vi } from 'vitest';
import { drain } from './attempt.ts';
import { GovernanceAPIError, GovernanceBlockedError, GovernanceHaltError, OpenBoxAuthError } from './errors.ts';
import { governIn } from './govern.ts';
import type { FunctionOperation, Later } from './operation.ts';
import type { CannedAnswer } from './ports/fetch.ts';
import { ALLOW, at, CALL, deferred, RESULT, stepOf, testAttempt, testGovernor, testHost } from './test-support.ts';

describe('the order of one operation', () => {
  test('started is answered before it runs, completed is told after', async () => {
    const core = testGovernor();
    const seen: string[][] = [];
    const value = await governIn(testAttempt(core), { ...CALL }, async () => (seen.push(core.steps()), 3), RESULT);
    expect(value).toBe(3);
    expect(seen).toEqual([['started']]);
    expect(core.steps()).toEqual(['started', 'completed']);
  });

  test('a result is withheld until completed is answered', async () => {
    const gate = deferred<CannedAnswer>();
    const core = testGovernor((asked) => (stepOf(asked) === 'completed' ? gate.promise : ALLOW));
    const settled = vi.fn();
    const call = governIn(testAttempt(core), { ...CALL }, async () => 3, RESULT).then(settled);
    await vi.waitUntil(() => core.steps().includes('completed'));
    expect(settled).not.toHaveBeenCalled();
    gate.resolve(ALLOW);
    await call;
    expect(settled).toHaveBeenCalledWith(3);
  });

  test('with nothing to withhold nobody waits, but the next question and the end do', async () => {
    const gate = deferred<CannedAnswer>();
    const core = testGovernor((asked) => (stepOf(asked) === 'completed' ? gate.promise : ALLOW));
    const attempt = testAttempt(core);
    await governIn(attempt, { ...CALL }, async () => undefined, RESULT);
    expect(core.steps()).toEqual(['started', 'completed']);
    const next = governIn(attempt, { ...CALL }, async () => undefined, RESULT);
    const ended = vi.fn();
    const end = drain(attempt).then(ended);
    await Promise.resolve();
    expect(core.steps()).toEqual(['started', 'completed']);
    expect(ended).not.toHaveBeenCalled();
    gate.resolve(ALLOW);
    await next;
    await end;
    expect(core.steps()).toEqual(['started', 'completed', 'started', 'completed']);
  });

  test('operations that run in parallel are asked in parallel', async () => {
    const gate = deferred<CannedAnswer>();
    const core = testGovernor(() => gate.promise);
    const attempt = testAttempt(core);
    const both = Promise.all([1, 2].map((n) => governIn(attempt, { ...CALL }, async () => n, RESULT)));
    await vi.waitUntil(() => core.steps().length === 2);
    gate.resolve(ALLOW);
    expect(await both).toEqual([1, 2]);
  });

  test('what has a turn waits for it after the answer, and does not run where the attempt was stopped meanwhile', async () => {
    const core = testGovernor((asked) => (asked.raw.includes('bad') ? { json: { verdict: 'block' } } : ALLOW));
    const attempt = testAttempt(core);
    const [first, second] = [deferred<void>(), deferred<void>()];
    const run = vi.fn(async () => 3);
    const inTurn = (turn: Promise<void>): Promise<unknown> => governIn(attempt, { ...CALL }, run, { ...RESULT, turn: () => turn });
    const ran = inTurn(first.promise);
    const stopped = inTurn(second.promise);
    await vi.waitUntil(() => core.steps().length === 2);
    expect(run).not.toHaveBeenCalled();
    first.resolve();
    expect(await ran).toBe(3);
    await expect(governIn(attempt, { ...CALL, function: 'bad' }, async () => 1, RESULT)).rejects.toThrow(GovernanceBlockedError);
    second.resolve();
    await expect(stopped).rejects.toThrow(GovernanceBlockedError);
    expect(run).toHaveBeenCalledTimes(1);
  });

  test("one branch's withheld result does not hold up another branch", async () => {
    const gate = deferred<CannedAnswer>();
    const core = testGovernor(({ body }) => {
      const [span] = body['spans'] as [{ function: string; stage: string }];
      return span.function === 'slow' && span.stage === 'completed' ? gate.promise : ALLOW;
    });
    const attempt = testAttempt(core);
    const slow = governIn(attempt, { ...CALL, function: 'slow' }, async () => 1, RESULT);
    await vi.waitUntil(() => core.steps().includes('completed'));
    expect(await governIn(attempt, { ...CALL }, async () => 2, RESULT)).toBe(2);
    gate.resolve(ALLOW);
    expect(await slow).toBe(1);
  });
});

describe('verdicts', () => {
  test('a block at started: it does not run, and neither does anything after it, unasked', async () => {
    const core = testGovernor(at('started', { verdict: 'block', reason: 'no' }));
    const attempt = testAttempt(core);
    const run = vi.fn(async () => 3);
    const first = await governIn(attempt, { ...CALL }, run, RESULT).catch((error: unknown) => error);
    const second = await governIn(attempt, { ...CALL }, run, RESULT).catch((error: unknown) => error);
    expect(first).toBeInstanceOf(GovernanceBlockedError);
    expect(first).toMatchObject({ message: 'Governance blocked: no', identifier: 'add', verdict: 'block' });
    expect(second).toBe(first);
    expect(run).not.toHaveBeenCalled();
    expect(core.steps()).toEqual(['started']);
  });

  test('a block at completed withholds the result', async () => {
    const attempt = testAttempt(testGovernor(at('completed', { verdict: 'block' })));
    await expect(governIn(attempt, { ...CALL }, async () => 'secret', RESULT)).rejects.toThrow(GovernanceBlockedError);
    expect(attempt.stopped).toBeInstanceOf(GovernanceBlockedError);
  });

  test('a halt ends the workflow, from either stage', async () => {
    for (const stage of ['started', 'completed']) {
      const host = testHost();
      const core = testGovernor(at(stage, { verdict: 'halt', reason: 'enough' }));
      await expect(governIn(testAttempt(core, host), { ...CALL }, async () => 1, RESULT)).rejects.toThrow(GovernanceHaltError);
      expect(host.halted).toEqual(['Governance HALT: enough']);
    }
  });

  test('an operation whose question was out while another was blocked does not run (fault: stop-unseen-after-a-wait)', async () => {
    const slow = deferred<CannedAnswer>();
    const core = testGovernor(({ body }) => {
      const [span] = body['spans'] as [{ function: string }];
      return span.function === 'slow' ? slow.promise : { json: { verdict: 'block' } };
    });
    const attempt = testAttempt(core);
    const run = vi.fn(async () => 1);
    const waiting = governIn(attempt, { ...CALL, function: 'slow' }, run, RESULT).catch((error: unknown) => error);
    await governIn(attempt, { ...CALL }, run, RESULT).catch(() => undefined);
    slow.resolve(ALLOW);
    expect(await waiting).toBe(attempt.stopped);
    expect(run).not.toHaveBeenCalled();
  });

  test('constrain goes on and is logged', async () => {
    const core = testGovernor(at('started', { verdict: 'constrain', reason: 'slowly', constraints: [1] }));
    expect(await governIn(testAttempt(core), { ...CALL }, async () => 3, RESULT)).toBe(3);
    expect(core.lines).toMatchObject([{ level: 'info', message: 'Constrained: slowly', details: { identifier: 'add', workflowId: 'wf-1', runId: 'run-1', activityId: '2' } }]);
  });

  test('observe mode asks, stops nothing and says what it would have stopped', async () => {
    const core = testGovernor(at('started', { verdict: 'halt', reason: 'enough' }), { mode: 'observe' });
    const host = testHost();
    expect(await governIn(testAttempt(core, host), { ...CALL }, async () => 3, RESULT)).toBe(3);
    expect(host.halted).toEqual([]);
    expect(core.lines[0]?.message).toBe('[observe] Not enforced: Governance HALT: enough');
  });

  test('observe mode still says that Core is not reached', async () => {
    const core = testGovernor(() => ({ status: 500 }), { mode: 'observe' });
    expect(await governIn(testAttempt(core), { ...CALL }, async () => 3, RESULT)).toBe(3);
    expect(core.lines[0]?.message).toContain('OpenBox Core not reachable');
  });
});

describe('Core in trouble', () => {
  test('fail_open goes on and warns once a minute', async () => {
    const core = testGovernor(() => ({ status: 500 }));
    const attempt = testAttempt(core);
    for (let n = 0; n < 2; n++) expect(await governIn(attempt, { ...CALL }, async () => n, RESULT)).toBe(n);
    expect(core.lines.filter(({ level }) => level === 'warn').length).toBe(1);
  });

  test('fail_closed refuses before the effect and halts', async () => {
    const core = testGovernor(() => ({ status: 500 }), { governancePolicy: 'fail_closed' });
    const host = testHost();
    const run = vi.fn(async () => 1);
    await expect(governIn(testAttempt(core, host), { ...CALL }, run, RESULT)).rejects.toThrow(GovernanceHaltError);
    expect(run).not.toHaveBeenCalled();
    expect(host.halted).toEqual(['Governance HALT: OpenBox Core not reachable: HTTP 500']);
  });

  test.each([['unknown verdict', { json: { verdict: '?' } }, GovernanceAPIError], ['a revoked key', { status: 401 }, OpenBoxAuthError]])(
    '%s lets nothing through under either policy (fault: revoked-key-passes)',
    async (_name, answer, type) => {
      for (const governancePolicy of ['fail_open', 'fail_closed'] as const) {
        const core = testGovernor(() => answer, { governancePolicy });
        const host = testHost();
        const run = vi.fn(async () => 1);
        await expect(governIn(testAttempt(core, host), { ...CALL }, run, RESULT)).rejects.toThrow(type);
        expect(run).not.toHaveBeenCalled();
        expect(host.halted).toEqual([]);
      }
    },
  );
});

describe('redaction in a hook', () => {
  const redaction = (input_type: string, redacted_input: unknown) => ({
    verdict: 'allow',
    guardrails_result: { input_type, redacted_input },
  });

  test("replaces a function's result at completed", async () => {
    const core = testGovernor(at('completed', redaction('activity_output', { card: '[CARD]' })));
    const value = await governIn(testAttempt(core), { ...CALL }, async () => ({ card: '4111', ok: true }), RESULT);
    expect(value).toEqual({ card: '[CARD]', ok: true });
  });

  test.each([
    ['started', 'activity_input'],
    ['completed', 'activity_input'],
  ])('is refused at %s for %s: it has nowhere to go', async (stage, type) => {
    const core = testGovernor(at(stage, redaction(type, { a: 1 })));
    await expect(governIn(testAttempt(core), { ...CALL }, async () => ({ a: 2 }), RESULT)).rejects.toThrow(GovernanceAPIError);
  });

  test('that does not fit the result is refused', async () => {
    const core = testGovernor(at('completed', redaction('activity_output', { a: 1 })));
    await expect(governIn(testAttempt(core), { ...CALL }, async () => 'text', RESULT)).rejects.toThrow(GovernanceAPIError);
  });
});

test('what an operation throws surfaces unchanged and is told', async () => {
  const core = testGovernor();
  const attempt = testAttempt(core);
  const own = new TypeError('mine');
  await expect(governIn(attempt, { ...CALL }, () => Promise.reject(own), RESULT)).rejects.toBe(own);
  await drain(attempt);
  expect(core.asked()[1]?.body['spans']).toMatchObject([
    { stage: 'completed', error: 'mine', status: { code: 'ERROR', description: 'mine' } },
  ]);
});

describe('values that end later', () => {
  const streaming = (hand: (later: Later<FunctionOperation>) => void) => ({
    ...RESULT,
    handOut: (value: unknown, later: Later<FunctionOperation>) => (hand(later), value),
  });

  test('are handed out at once and told when they end', async () => {
    let later!: Later<FunctionOperation>;
    const core = testGovernor();
    expect(await governIn(testAttempt(core), { ...CALL }, async () => 'stream', streaming((given) => (later = given)))).toBe('stream');
    expect(core.steps()).toEqual(['started']);
    await later.complete({ result: 'whole' });
    await later.complete({ result: 'again' });
    expect(core.steps()).toEqual(['started', 'completed']);
  });

  test('are ended by the activity where nobody did', async () => {
    const core = testGovernor();
    const attempt = testAttempt(core);
    await governIn(attempt, { ...CALL }, async () => 1, streaming((later) => later.onAbandon(() => void later.complete({ result: null }))));
    await drain(attempt);
    expect(core.steps()).toEqual(['started', 'completed']);
  });

  test('a verdict at their end withholds it', async () => {
    let later!: Later<FunctionOperation>;
    const core = testGovernor(at('completed', { verdict: 'block' }));
    await governIn(testAttempt(core), { ...CALL }, async () => 1, streaming((given) => (later = given)));
    await expect(later.complete({ result: 1 })).rejects.toThrow(GovernanceBlockedError);
  });
});

test('cancellation ends the question with its own reason, and the operation does not run', async () => {
  const cancel = new AbortController();
  const reason = new Error('cancelled');
  const core = testGovernor(
    () => new Promise((_resolve, reject) => cancel.signal.addEventListener('abort', () => reject(cancel.signal.reason))),
  );
  const run = vi.fn(async () => 1);
  const call = governIn(testAttempt(core, testHost({ signal: cancel.signal })), { ...CALL }, run, RESULT);
  await vi.waitUntil(() => core.steps().length === 1);
  cancel.abort(reason);
  await expect(call).rejects.toBe(reason);
  expect(run).not.toHaveBeenCalled();
});
