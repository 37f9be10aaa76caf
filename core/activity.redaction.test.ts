import { describe, expect, test } from 'vitest';
import { runActivity } from './activity.ts';
import { parseAnswer } from './answer.ts';
import type { Attempt } from './attempt.ts';
import { GovernanceAPIError } from './errors.ts';
import { governIn, governSyncIn } from './govern.ts';
import type { Outcome } from './outcome.ts';
import { memorySyncGate } from './ports/sync-gate.ts';
import { type Answering, at, CALL, INFO, RESULT, stepOf, testGovernor, type TestGovernor, testHost } from './test-support.ts';

class Card {
  readonly number: string;
  readonly owner: string;
  constructor(number: string, owner: string) {
    this.number = number;
    this.owner = owner;
  }
  last4(): string {
    return this.number.slice(-4);
  }
}

/** Every kind of value: what guardrails say of it, what comes of that, and what Core is shown of it from then on. */
const KINDS: readonly (readonly [string, unknown, unknown, unknown, unknown])[] = [
  ['a text', 'card 4111', '[CARD]', '[CARD]', '[CARD]'],
  ['a number', 4111, 0, 0, 0],
  ['a number that becomes a text', 4111, '[CARD]', '[CARD]', '[CARD]'],
  ['a big integer', 4111n, '[CARD]', '[CARD]', '[CARD]'],
  ['a boolean', true, false, false, false],
  ['null', null, '[CARD]', '[CARD]', '[CARD]'],
  ['an object', { pin: '4111', name: 'Ada' }, { pin: '[PIN]' }, { pin: '[PIN]', name: 'Ada' }, { pin: '[PIN]', name: 'Ada' }],
  ['an object in an object that becomes null', { card: { pin: '4111' } }, { card: null }, { card: null }, { card: null }],
  ['an object in an object', { card: { pin: '4111', id: 7 }, n: 1 }, { card: { pin: '[PIN]' } }, { card: { pin: '[PIN]', id: 7 }, n: 1 }, { card: { pin: '[PIN]', id: 7 }, n: 1 }],
  ['an instance of a class', new Card('4111', 'Ada'), { number: 'XXXX' }, new Card('XXXX', 'Ada'), { number: 'XXXX', owner: 'Ada' }],
  ['instances in an object', { card: new Card('4111', 'Ada'), n: 1 }, { card: { number: 'XXXX' } }, { card: new Card('XXXX', 'Ada'), n: 1 }, { card: { number: 'XXXX', owner: 'Ada' }, n: 1 }],
  ['a list', ['4111', 'b'], ['[CARD]', 'b'], ['[CARD]', 'b'], ['[CARD]', 'b']],
  ['a list in an object', { cards: ['4111', 'b'] }, { cards: ['[CARD]'] }, { cards: ['[CARD]'] }, { cards: ['[CARD]'] }],
  ['a list of objects', [{ pin: '4111' }, { pin: 'b' }], [{ pin: '[PIN]' }, { pin: 'b' }], [{ pin: '[PIN]' }, { pin: 'b' }], [{ pin: '[PIN]' }, { pin: 'b' }]],
  ['a date', new Date(0), '2000-01-01T00:00:00.000Z', new Date(Date.UTC(2000, 0, 1)), '2000-01-01T00:00:00.000Z'],
  ['bytes that become a text', new Uint8Array([4, 1, 1, 1]), '[BYTES]', '[BYTES]', '[BYTES]'],
  ['a map', new Map([['pin', '4111'], ['name', 'Ada']]), { pin: '[PIN]' }, new Map([['pin', '[PIN]'], ['name', 'Ada']]), { pin: '[PIN]', name: 'Ada' }],
  ['a set in an object', { tags: new Set(['4111', 'b']) }, { tags: ['[CARD]', 'b'] }, { tags: new Set(['[CARD]', 'b']) }, { tags: ['[CARD]', 'b'] }],
  ['an address', new URL('https://h/?pin=4111'), 'https://h/', 'https://h/', 'https://h/'],
];

/** Answers that do not fit a value. */
const MISFITS: readonly (readonly [string, unknown, unknown])[] = [
  ['an object for a text', '4111', { a: 1 }],
  ['an object for a number', 4111, { a: 1 }],
  ['an object for a list', { cards: ['4111'] }, { cards: { a: 1 } }],
  ['a text for an object', { pin: '4111' }, '[PIN]'],
  ['a text for a list', { cards: ['4111'] }, { cards: '[CARD]' }],
  ['a text for an instance', new Card('4111', 'Ada'), '[CARD]'],
  ['a list of two for an object', { pin: '4111' }, ['a', 'b']],
  ['an object for a date', new Date(0), { year: 2000 }],
  ['a list for bytes', new Uint8Array(2), [0, 0]],
  ['a list for a map', new Map([['pin', '4111']]), [1, 2]],
  ['a text for an object in an object', { card: { pin: '4111' } }, { card: '[CARD]' }],
];

interface Played {
  readonly core: TestGovernor;
  /** What the body was given, and what came out of its operation. */
  readonly seen: { given?: unknown; got?: unknown };
  readonly output: Promise<unknown>;
}

type Play = (value: unknown, redacted: unknown) => Played;

const guardrails = (input_type: string, redacted_input: unknown): Record<string, unknown> => ({ verdict: 'allow', guardrails_result: { input_type, redacted_input } });

function outcomeOf(json: Record<string, unknown>): Outcome {
  const parsed = parseAnswer(json);
  return parsed.ok ? { kind: 'answered', answer: parsed.answer } : { kind: 'unfollowable', problem: parsed.problem };
}

/** An activity with one operation; both hand their value on. */
function play(answering: Answering, value: unknown, gate?: Record<string, unknown>): Played {
  const syncGate = memorySyncGate((body) => outcomeOf(gate !== undefined && body.includes('"stage":"completed"') ? gate : { verdict: 'allow' }));
  const core = testGovernor(answering, {}, syncGate);
  const seen: Played['seen'] = {};
  const output = runActivity(core.governor, INFO, [value], async ([given]) => {
    seen.given = given;
    const attempt = core.governor.scopes.storage.get() as Attempt;
    seen.got = gate === undefined ? await governIn(attempt, { ...CALL }, async () => given, RESULT) : governSyncIn(attempt, { ...CALL }, () => given, RESULT);
    return given;
  }, testHost());
  output.catch(() => undefined);
  return { core, seen, output };
}

const inList: Play = (value, redacted) => play(at('ActivityStarted', guardrails('activity_input', [redacted])), value);
const bare: Play = (value, redacted) => play(at('ActivityStarted', guardrails('activity_input', redacted)), value);
const approved: Play = (value, redacted) =>
  play((asked) => {
    if (stepOf(asked) === 'ActivityStarted') return { json: { verdict: 'require_approval', approval_id: 'apr-1' } };
    return stepOf(asked) === 'approval' ? { json: { ...guardrails('activity_input', [redacted]), id: 'apr-1' } } : undefined;
  }, value);
const result: Play = (value, redacted) => play(at('completed', guardrails('activity_output', redacted)), value);
const resultNow: Play = (value, redacted) => play(() => undefined, value, guardrails('activity_output', redacted));
const output: Play = (value, redacted) => play(at('ActivityCompleted', guardrails('activity_output', redacted)), value);

const INPUTS: readonly (readonly [string, Play])[] = [['in a list', inList], ['bare', bare], ['changed by an approver', approved]];
const RESULTS: readonly (readonly [string, Play])[] = [['', result], [', synchronously', resultNow]];

const inputsShown = ({ core }: Played): unknown[] =>
  core.asked().filter((asked) => ['started', 'completed', 'ActivityCompleted'].includes(stepOf(asked))).map(({ body }) => body['activity_input']);

describe.each(INPUTS)('an argument, %s', (_how, plays) => {
  test.each(KINDS)('%s: what runs is the redacted one, and that is what is told from then on', async (_kind, value, redacted, becomes, shown) => {
    const played = plays(value, redacted);
    expect(await played.output).toStrictEqual(becomes);
    expect(played.seen.given).toStrictEqual(becomes);
    expect(inputsShown(played)).toEqual([[shown], [shown], [shown]]);
    expect(played.core.requests.slice(1).map(({ body }) => body).join('\n')).not.toContain('4111');
  });

  test.each(MISFITS)('%s: refused, the body never runs', async (_misfit, value, redacted) => {
    const { output: end, seen, core } = plays(value, redacted);
    await expect(end).rejects.toThrow(GovernanceAPIError);
    await expect(end).rejects.toThrow(/^OpenBox Core answered what this SDK cannot follow: redaction does not fit: /u);
    expect(seen).toEqual({});
    expect(core.steps()).not.toContain('ActivityCompleted');
  });
});

describe.each(RESULTS)("a function's result%s", (_how, plays) => {
  test.each(KINDS)('%s: its caller gets the redacted one', async (_kind, value, redacted, becomes) => {
    const played = plays(value, redacted);
    await played.output;
    expect(played.seen.got).toStrictEqual(becomes);
  });

  test.each(MISFITS)('%s: refused, the result withheld', async (_misfit, value, redacted) => {
    const { output: end, seen } = plays(value, redacted);
    await expect(end).rejects.toThrow(GovernanceAPIError);
    expect(seen).not.toHaveProperty('got');
  });
});

describe("an activity's output", () => {
  test.each(KINDS)('%s: the workflow gets the redacted one', async (_kind, value, redacted, becomes) => {
    expect(await output(value, redacted).output).toStrictEqual(becomes);
  });

  test.each(MISFITS)('%s: refused, the output withheld', async (_misfit, value, redacted) => {
    const { output: end, seen } = output(value, redacted);
    await expect(end).rejects.toThrow(/^OpenBox Core answered what this SDK cannot follow: redaction does not fit: /u);
    expect(seen.given).toBe(value);
  });
});

test('redacted_input null says that nothing is redacted', async () => {
  for (const plays of [bare, result, output]) {
    const played = plays({ pin: '4111' }, null);
    expect(await played.output).toEqual({ pin: '4111' });
    expect(played.seen.got).toEqual({ pin: '4111' });
  }
});

test.each<[string, readonly unknown[], unknown]>([
  ['more items than arguments', ['a'], ['x', 'y']],
  ['fewer items than arguments', ['a', 'b'], ['x']],
  ['one value for two arguments', ['a', 'b'], 'x'],
  ['an object for two arguments', ['a', 'b'], { 0: 'x', 1: 'y' }],
  ['a value for no argument', [], 'x'],
])('%s: refused', async (_what, args, redacted) => {
  const core = testGovernor(at('ActivityStarted', guardrails('activity_input', redacted)));
  const ran: unknown[] = [];
  const end = runActivity(core.governor, INFO, [...args], async (given) => ran.push(given), testHost());
  await expect(end).rejects.toThrow(GovernanceAPIError);
  expect(ran).toEqual([]);
});
