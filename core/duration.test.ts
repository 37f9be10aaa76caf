import { expect, test } from 'vitest';
import { parseDuration } from './duration.ts';

test.each<[unknown, number]>([
  [0, 0],
  [1.5, 1.5],
  [30_000, 30_000],
  ['0', 0],
  ['5000', 5000],
  ['.5s', 500],
  ['1.5h', 5_400_000],
  ['250ms', 250],
  ['2 msecs', 2],
  ['1 millisecond', 1],
  ['30s', 30_000],
  ['30 secs', 30_000],
  ['1 second', 1000],
  ['2m', 120_000],
  ['5 minutes', 300_000],
  ['1 MIN', 60_000],
  ['3 hrs', 10_800_000],
  ['1d', 86_400_000],
  ['2 days', 172_800_000],
  ['1 week', 604_800_000],
  ['1y', 31_557_600_000],
])('reads %j as %d ms', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

test.each<[unknown]>([
  [''],
  [' '],
  ['s'],
  ['-1'],
  ['-5s'],
  ['5x'],
  ['5 s s'],
  ['1h30m'],
  ['1e3'],
  ['.'],
  ['5.'],
  [' 5s'],
  ['5s\n'],
  ['1'.repeat(101)],
  [-1],
  [NaN],
  [Infinity],
  [null],
  [undefined],
  [true],
  [5n],
  [{}],
  [['5s']],
])('refuses %o', (value) => {
  expect(parseDuration(value)).toBeUndefined();
});

test('takes 100 characters, no more', () => {
  expect(parseDuration(`${'0'.repeat(98)}1s`)).toBe(1000);
  expect(parseDuration(`${'0'.repeat(99)}1s`)).toBeUndefined();
});
