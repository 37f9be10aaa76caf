import { expect, test } from 'vitest';
import { parseVerdict, VERDICTS } from './verdict.ts';

test.each([
  ['allow', 'allow'],
  ['CONTINUE', 'allow'],
  ['constrain', 'constrain'],
  ['require_approval', 'require_approval'],
  ['Request-Approval', 'require_approval'],
  ['block', 'block'],
  ['halt', 'halt'],
  ['stop', 'halt'],
])('the word %s means %s', (word, verdict) => {
  expect(parseVerdict(word)).toBe(verdict);
});

test('the numbers 0 to 4 mean the verdicts in order (fault: numeric-verdicts-unread)', () => {
  expect([0, 1, 2, 3, 4].map(parseVerdict)).toEqual(VERDICTS);
});

test.each([undefined, null, '', 'maybe', 'allowed', 5, -1, 0.5, Number.NaN, true, {}, ['allow'], 'constructor', '__proto__'])(
  '%j means nothing, least of all allow',
  (word) => {
    expect(parseVerdict(word)).toBeUndefined();
  },
);
