import { expect, test } from 'vitest';
import { type Row, rowOf } from './row.ts';

const row = (scenarios: string, where: string): Row => ({ scenarios, where, holds: (_, ours) => ours === 2, why: '' });
const difference = { stream: '', where: 'http started GET /a.b: span.v', python: 1, ours: 2 };

test('a row speaks of its scenarios, places and values, and of no others', () => {
  const spokenOf = (one: Row, more: object = {}): boolean => rowOf([one], { scenario: '01_a' }, { ...difference, ...more }) === one;
  for (const one of [row('*', '*'), row('01_*', 'http *: span.v'), row('01_a', difference.where)]) expect(spokenOf(one)).toBe(true);
  for (const one of [row('02_*', '*'), row('*', 'http *: span'), row('*', 'span.v'), row('*', 'http * /axb: *')]) expect(spokenOf(one)).toBe(false);
  expect(spokenOf(row('*', '*'), { ours: 3 })).toBe(false);
});

test('a row may speak of one way of playing, or of all but one', () => {
  const spokenOf = (one: Row): boolean[] => [{}, { by: 'node:http' } as const].map((way) => rowOf([one], { scenario: '01_a', ...way }, difference) === one);
  expect(spokenOf(row('*', '*'))).toEqual([true, true]);
  expect(spokenOf({ ...row('*', '*'), by: 'node:http' })).toEqual([false, true]);
  expect(spokenOf({ ...row('*', '*'), notBy: 'node:http' })).toEqual([true, false]);
});

test('the first row that fits speaks', () => {
  const rows = [row('02_*', '*'), row('*', 'http *'), row('*', '*')];
  expect(rowOf(rows, { scenario: '01_a' }, difference)).toBe(rows[1]);
});
