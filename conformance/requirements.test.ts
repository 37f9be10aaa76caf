import { expect, test } from 'vitest';
import { CASES } from './cases/index.ts';
import { REQUIREMENTS } from './requirements.ts';

test('every requirement is proved by a case', () => {
  const cited = new Set<string>(CASES.flatMap(({ proves }) => proves));
  expect(Object.keys(REQUIREMENTS).filter((id) => !cited.has(id))).toEqual([]);
});

test('every case proves something, under a name of its own', () => {
  expect(CASES.length).toBeGreaterThan(0);
  expect(CASES.filter(({ proves }) => proves.length === 0)).toEqual([]);
  expect(new Set(CASES.map(({ id }) => id)).size).toBe(CASES.length);
});
