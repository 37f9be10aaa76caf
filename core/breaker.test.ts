import { describe, expect, test, vi } from 'vitest';
import { type Breaker, COOLING_MS, createBreaker, FAILURES, type Outage } from './breaker.ts';
import { GovernanceHaltError } from './errors.ts';
import { governIn, governSyncIn } from './govern.ts';
import type { Outcome } from './outcome.ts';
import { manualClock, type ManualClock } from './ports/clock.ts';
import type { CannedAnswer } from './ports/fetch.ts';
import { memorySyncGate } from './ports/sync-gate.ts';
import { ALLOW, CALL, RESULT, testAttempt, testGovernor, type TestGovernor, testHost } from './test-support.ts';
import { askEvent } from './workflow-event.ts';

const DOWN: Outcome = { kind: 'unreachable', problem: 'no answer', outage: true };
const ANSWERS: readonly Outcome[] = [
  { kind: 'unauthorized', problem: 'HTTP 401' },
  { kind: 'unfollowable', problem: 'no verdict' },
  { kind: 'unreachable', problem: 'HTTP 400', outage: false },
];
const NOTHING_LEARNED: readonly (Outcome | undefined)[] = [undefined, { kind: 'unaskable', problem: 'no thread' }, { kind: 'unreachable', problem: 'no time is left' }];

interface Tried {
  readonly clock: ManualClock;
  readonly breaker: Breaker;
  /** Those that are over. */
  readonly outages: readonly Outage[];
  /** Puts a question; false where it was spared. */
  ask(outcome: Outcome | undefined, always?: boolean): boolean;
}

function tried(): Tried {
  const clock = manualClock();
  const outages: Outage[] = [];
  const breaker = createBreaker(clock, (outage) => outages.push(outage));
  return {
    clock,
    outages,
    breaker,
    ask: (outcome, always) => {
      const begun = breaker.begin(always);
      if (begun.spared === undefined) begun.ended(outcome);
      return begun.spared === undefined;
    },
  };
}

function opened(): Tried {
  const it = tried();
  for (let n = 0; n < FAILURES; n++) expect(it.ask(DOWN)).toBe(true);
  return it;
}

test('five in a row without an answer, and the next are spared', () => {
  const { ask, breaker } = opened();
  expect(ask(DOWN)).toBe(false);
  expect(breaker.begin().spared).toEqual({ kind: 'unreachable', spared: true, problem: 'not asked, after 5 questions in a row without an answer (no answer)' });
});

test.each(ANSWERS)('an answer between them, be it %j, begins the count anew', (answer) => {
  const { ask } = tried();
  for (let n = 0; n < 3 * FAILURES; n++) expect(ask(n % FAILURES === FAILURES - 1 ? answer : DOWN)).toBe(true);
});

test.each(NOTHING_LEARNED)('%j counts for nothing', (outcome) => {
  const { ask } = tried();
  for (let n = 0; n < 2 * FAILURES; n++) expect(ask(outcome)).toBe(true);
  for (let n = 0; n < FAILURES; n++) expect(ask(n === 2 ? outcome : DOWN)).toBe(true);
  expect([ask(DOWN), ask(DOWN)]).toEqual([true, false]);
});

test('after the cooling time one question at a time looks whether Core is back', () => {
  const { ask, breaker, clock } = opened();
  clock.advance(COOLING_MS - 1);
  expect(ask(DOWN)).toBe(false);
  clock.advance(1);
  const probe = breaker.begin();
  expect([probe.spared, ask(DOWN)]).toEqual([undefined, false]);
  if (probe.spared === undefined) probe.ended(DOWN);
  expect(ask(DOWN)).toBe(false);
  clock.advance(COOLING_MS);
  expect([ask(ANSWERS[0]), ask(DOWN), ask(DOWN)]).toEqual([true, true, true]);
});

test.each(NOTHING_LEARNED)('a look that brings %j lets the next one look', (outcome) => {
  const { ask, clock } = opened();
  clock.advance(COOLING_MS);
  expect([ask(outcome), ask(DOWN), ask(DOWN)]).toEqual([true, true, false]);
});

test('what was under way fails later, and tells nothing of a Core that has answered since', () => {
  const { ask, breaker, clock } = tried();
  const late = Array.from({ length: 2 * FAILURES }, () => breaker.begin());
  for (const begun of late.slice(FAILURES)) if (begun.spared === undefined) begun.ended(DOWN);
  clock.advance(COOLING_MS - 1);
  const [straggler, ...rest] = late;
  if (straggler?.spared === undefined) straggler?.ended(DOWN);
  clock.advance(1);
  expect(ask(ANSWERS[0])).toBe(true);
  for (const begun of rest) if (begun.spared === undefined) begun.ended(DOWN);
  expect(ask(DOWN)).toBe(true);
});

test('what has to be asked is, and its answer counts', () => {
  const { ask } = opened();
  expect([ask(DOWN, true), ask(DOWN)]).toEqual([true, false]);
  expect([ask(ANSWERS[0], true), ask(DOWN)]).toEqual([true, true]);
});

describe('an outage that is over is told of once, with what nobody was told of meanwhile', () => {
  test.each(ANSWERS)('when %j comes', (answer) => {
    const { ask, clock, outages } = opened();
    for (let n = 0; n < 3; n++) ask(DOWN);
    clock.advance(COOLING_MS);
    expect([ask(DOWN), ask(DOWN)]).toEqual([true, false]);
    clock.advance(COOLING_MS);
    expect(outages).toEqual([]);
    for (let n = 0; n < 3; n++) expect(ask(answer)).toBe(true);
    expect(outages).toEqual([{ notAnswered: FAILURES + 1, notAsked: 4 }]);
    for (let n = 0; n < FAILURES; n++) ask(DOWN);
    ask(answer, true);
    expect(outages.slice(1)).toEqual([{ notAnswered: FAILURES, notAsked: 0 }]);
  });

  test('what fails after it opened is counted, what fails after it closed is not', () => {
    const { ask, breaker, outages } = tried();
    const [early, late] = [breaker.begin(), breaker.begin()];
    for (let n = 0; n < FAILURES; n++) ask(DOWN);
    if (early.spared === undefined) early.ended(DOWN);
    ask(ANSWERS[0], true);
    if (late.spared === undefined) late.ended(DOWN);
    for (let n = 0; n < FAILURES; n++) ask(DOWN);
    ask(ANSWERS[0], true);
    expect(outages).toEqual([{ notAnswered: FAILURES + 1, notAsked: 0 }, { notAnswered: FAILURES, notAsked: 0 }]);
  });

  test('fewer than make Core count as dead are none', () => {
    const { ask, outages } = tried();
    for (let n = 1; n < FAILURES; n++) ask(DOWN);
    ask(ANSWERS[0]);
    expect(outages).toEqual([]);
  });
});

/** Operations by either way, one after the other, each in an activity of its own. */
async function operations(core: TestGovernor, ways: readonly ('async' | 'sync')[]): Promise<unknown[]> {
  const ends: unknown[] = [];
  for (const way of ways) {
    const attempt = testAttempt(core);
    // Nothing to withhold, and nothing told: one question each.
    const run = (): never => {
      throw new RangeError('ran');
    };
    const begun = way === 'sync' ? new Promise((resolve) => resolve(governSyncIn(attempt, { ...CALL }, run, RESULT))) : governIn(attempt, { ...CALL }, async () => run(), RESULT);
    ends.push(await begun.catch((error: unknown) => (error as Error).constructor));
    await Promise.all(attempt.reports);
  }
  return ends;
}

const repeat = <T>(times: number, value: T): T[] => Array.from({ length: times }, () => value);
const HTTP_500: CannedAnswer = { status: 500 };

describe('in a governor', () => {
  test('what the asynchronous way learns, the sync gate knows, and the other way round', async () => {
    for (const [first, then] of [['async', 'sync'], ['sync', 'async']] as const) {
      const gate = memorySyncGate(() => DOWN);
      const core = testGovernor(() => HTTP_500, {}, gate);
      await operations(core, repeat(FAILURES, first));
      const asked = [core.steps().length, gate.asked.length];
      expect(await operations(core, repeat(20, then))).toEqual(repeat(20, RangeError));
      expect([core.steps().length, gate.asked.length]).toEqual(asked);
      expect(core.governor.stalls.count).toBe(gate.asked.length);
    }
  });

  test('fail_open goes on, says so once a minute, and how often', async () => {
    const core = testGovernor(() => HTTP_500);
    await operations(core, repeat(100, 'async'));
    const spared = (): string[] => core.lines.map(({ message }) => message).filter((message) => message.includes('not asked'));
    expect(spared()).toEqual(['OpenBox Core not reachable: not asked, after 5 questions in a row without an answer (HTTP 500); going on (fail_open)']);
    core.clock.advance(60_000);
    // The first one looks.
    await operations(core, ['async', 'async']);
    expect(spared()[1]).toMatch(/\(and 19\d more since the last warning\)$/);
    expect(core.lines).toHaveLength(4);
  });

  test('fail_closed refuses at once, by either way, and halts', async () => {
    const gate = memorySyncGate(() => DOWN);
    const core = testGovernor(() => HTTP_500, { governancePolicy: 'fail_closed' }, gate);
    const run = vi.fn(async () => 1);
    for (let n = 0; n < FAILURES; n++) await governIn(testAttempt(core), { ...CALL }, run, RESULT).catch(() => undefined);
    const host = testHost();
    const asked = core.steps().length;
    await expect(governIn(testAttempt(core, host), { ...CALL }, run, RESULT)).rejects.toThrow(GovernanceHaltError);
    expect(() => governSyncIn(testAttempt(core, host), { ...CALL }, run, RESULT)).toThrow('OpenBox Core not reachable: not asked');
    expect([core.steps().length, gate.asked, host.halted.length]).toEqual([asked, [], 2]);
    expect(run).not.toHaveBeenCalled();
  });

  test('a Core that is back is asked again about everything', async () => {
    let answer = HTTP_500;
    const core = testGovernor(() => answer);
    await operations(core, repeat(FAILURES, 'async'));
    answer = { json: { verdict: 'block' } };
    expect(await operations(core, ['async'])).toEqual([RangeError]);
    core.clock.advance(COOLING_MS);
    const run = vi.fn(async () => 1);
    await expect(governIn(testAttempt(core), { ...CALL }, run, RESULT)).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED' });
    await expect(governIn(testAttempt(core), { ...CALL }, run, RESULT)).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED' });
    expect(run).not.toHaveBeenCalled();
  });

  test.each(['async', 'sync'] as const)('a Core that is back is said to be, once, whichever way learns of it: %s', async (way) => {
    let up = false;
    const gate = memorySyncGate(() => (up ? { kind: 'unfollowable', problem: 'no verdict' } : DOWN));
    const core = testGovernor(() => (up ? ALLOW : HTTP_500), {}, gate);
    await operations(core, repeat(20, way));
    const { length } = core.lines;
    const spared = 2 * 20 - FAILURES;
    up = true;
    core.clock.advance(COOLING_MS);
    await operations(core, repeat(3, way));
    expect(core.lines.slice(length)).toEqual([
      {
        level: 'warn',
        message: `OpenBox Core reachable again; questions without an answer meanwhile: ${FAILURES}, not asked: ${spared}`,
        details: { notAnswered: FAILURES, notAsked: spared },
      },
    ]);
  });

  test.each<[string, CannedAnswer]>([
    ['a refused key', { status: 401 }],
    ['an answer that cannot be followed', { json: {} }],
    ['a question that Core does not take', { status: 400 }],
  ])('%s is no outage', async (_, answer) => {
    const core = testGovernor(() => answer);
    await operations(core, repeat(20, 'async'));
    expect(core.steps().filter((step) => step === 'started')).toHaveLength(20);
  });

  test.each<CannedAnswer>([{ status: 429 }, { status: 503 }, { text: '<html>' }, { status: 302 }, { json: [] }])('%j, over and over, is one', async (answer) => {
    const core = testGovernor(() => answer);
    await operations(core, repeat(20, 'async'));
    const asked = core.requests.length;
    await operations(core, repeat(20, 'async'));
    expect(core.requests.length).toBe(asked);
  });

  test('a cancelled activity that would have looked lets the next one look', async () => {
    const core = testGovernor(({ raw }) => (raw.includes('bad') ? HTTP_500 : ALLOW));
    for (let n = 0; n < FAILURES; n++) await governIn(testAttempt(core), { ...CALL, function: 'bad' }, async () => 1, RESULT);
    core.clock.advance(COOLING_MS);
    const cancelled = testHost({ signal: AbortSignal.abort(new Error('cancelled')) });
    await expect(governIn(testAttempt(core, cancelled), { ...CALL }, async () => 1, RESULT)).rejects.toThrow('cancelled');
    const asked = core.requests.length;
    await governIn(testAttempt(core), { ...CALL }, async () => 1, RESULT);
    expect(core.requests.length).toBe(asked + 2);
  });

  test('two governors know nothing of each other', async () => {
    const [dead, well] = [testGovernor(() => HTTP_500), testGovernor()];
    await operations(dead, repeat(FAILURES, 'async'));
    await operations(well, ['async']);
    expect(well.steps()[0]).toBe('started');
  });

  test('a workflow event is spared but for its last attempt', async () => {
    const core = testGovernor(() => HTTP_500);
    const event = { event_type: 'WorkflowStarted', workflow_id: 'w', run_id: 'r', workflow_type: 'Agent', task_queue: 'q', activity_input: [] };
    await operations(core, repeat(FAILURES, 'async'));
    const asked = core.steps().length;
    expect(await askEvent(core.governor, event, { always: false })).toMatchObject({ spared: true });
    expect(core.steps().length).toBe(asked);
    expect(await askEvent(core.governor, event, { always: true })).toMatchObject({ kind: 'unreachable', problem: 'HTTP 500' });
    expect(core.steps().length).toBe(asked + 1);
  });
});
