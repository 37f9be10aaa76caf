import { describe, expect, test } from 'vitest';
import { ApprovalMismatchError } from './errors.ts';
import { governIn } from './govern.ts';
import { createGrants, type Grant } from './grants.ts';
import { CALL, RESULT, stepOf, testAttempt, testGovernor, testHost } from './test-support.ts';

/** What each run of an activity brings to one function that Core wants approval for. */
interface Case {
  readonly what: string;
  /** Per run, the arguments of its calls at once. */
  readonly runs: readonly (readonly number[])[];
  /** Arguments that Core lets pass unasked once they were granted; it asks for all others each time. */
  readonly remembers?: readonly number[];
  /** Runs that come to what they ask for one after the other. */
  readonly inTurn?: boolean;
  readonly ends: 'done' | 'mismatch' | 'asks';
}

const CASES: readonly Case[] = [
  { what: 'the same each time', runs: [[1], [1]], ends: 'done' },
  { what: 'different once', runs: [[1], [2]], ends: 'asks' },
  { what: 'different three times', runs: [[1], [2], [3], [4]], ends: 'mismatch' },
  { what: 'different twice, then what was granted first', runs: [[1], [2], [3], [1]], ends: 'done' },
  { what: 'several at once, all of them different: one round', runs: [[1, 2, 3, 4], [5, 6, 7, 8]], ends: 'asks' },
  { what: 'several at once, different in three rounds', runs: [[1, 2], [3, 4], [5, 6], [7, 8]], ends: 'mismatch' },
  { what: 'one after the other', runs: [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4, 5]], inTurn: true, ends: 'asks' },
  { what: 'one after the other, each remembered', runs: [[1], [1, 2], [1, 2, 3], [1, 2, 3, 4], [1, 2, 3, 4, 5]], remembers: [1, 2, 3, 4, 5], inTurn: true, ends: 'asks' },
  { what: 'one after the other, what is done is passed over', runs: [[1], [1, 2], [2, 3], [3, 4], [4, 5]], inTurn: true, ends: 'asks' },
  { what: 'one after the other, with the last as well', runs: [[1], [1, 2], [1, 2]], inTurn: true, ends: 'done' },
];

test.each(CASES)('rounds of one step: $what', async ({ runs, remembers = [], inTurn = false, ends }) => {
  let granted: readonly Grant[] = [];
  let end: Case['ends'] = 'done';
  for (const args of runs) {
    const known = new Set(granted.map(({ approvalId }) => approvalId));
    const core = testGovernor((asked) => {
      if (stepOf(asked) !== 'started') return undefined;
      const [n] = (asked.body['spans'] as [{ args: [number] }])[0].args;
      const remembered = remembers.includes(n) && known.has(`apr-${n}`);
      return { json: remembered ? { verdict: 'allow' } : { verdict: 'require_approval', approval_id: `apr-${n}` } };
    });
    const grants = createGrants(granted);
    const attempt = testAttempt(core, testHost({ approval: 'elsewhere', grants }));
    const call = (n: number): Promise<unknown> => governIn(attempt, { ...CALL, args: [n] }, async () => n, RESULT).catch((error: unknown) => error);
    if (inTurn) for (const n of args) await call(n);
    else await Promise.all(args.map(call));
    end = attempt.stopped instanceof ApprovalMismatchError ? 'mismatch' : attempt.stopped === undefined ? 'done' : 'asks';
    granted = [...grants.all(), ...attempt.pending];
  }
  expect(end).toBe(ends);
});

describe('a grant is used up by being asked', () => {
  const grant: Grant = { step: 's', place: 'p', parts: {}, approvalId: 'apr-1', round: 1 };

  test('once', () => {
    const grants = createGrants([grant]);
    expect([grants.any, grants.take('other'), grants.take('s'), grants.take('s'), grants.any]).toEqual([true, false, true, false, false]);
  });

  test('and stays one of those that the next run has', () => {
    const grants = createGrants([grant, { ...grant, step: 't', round: 2 }]);
    grants.take('s');
    expect(grants.all()).toEqual([{ ...grant, met: true }, { ...grant, step: 't', round: 2 }]);
    expect(grants.unmet('p').map(({ step }) => step)).toEqual(['t']);
    expect(createGrants(grants.all()).take('s')).toBe(true);
    expect([grants.round, createGrants().round]).toEqual([3, 1]);
  });
});
