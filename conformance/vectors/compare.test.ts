import { expect, test } from 'vitest';
import { compare } from './compare.ts';
import type { Step } from './normalize.ts';

const run = (...steps: readonly (readonly [string, object?])[]): ReadonlyMap<string, readonly Step[]> =>
  new Map([['run 1', steps.map(([label, fields = {}]) => ({ label, fields: { ...fields } }))]]);

test('fields are compared at their leaves, lists item by item', () => {
  const python = run(['a', { same: 1, changed: { x: [1, 2], y: null }, gone: 1, none: [], big: 2n ** 60n }]);
  const ours = run(['a', { same: 1, changed: { x: [1], y: 'z' }, none: [], big: 2n ** 60n, more: {} }]);
  expect(compare(python, ours)).toEqual({
    equal: 4,
    differences: [
      { stream: 'run 1', where: 'a: changed.x.1', python: 2, ours: undefined },
      { stream: 'run 1', where: 'a: changed.y', python: null, ours: 'z' },
      { stream: 'run 1', where: 'a: gone', python: 1, ours: undefined },
      { stream: 'run 1', where: 'a: more', python: undefined, ours: {} },
    ],
  });
});

test('values of different kinds are different', () => {
  const differences = (python: unknown, ours: unknown): number => compare(run(['a', { v: python }]), run(['a', { v: ours }])).differences.length;
  for (const [python, ours] of [[1, '1'], [1, 1n], [null, undefined], [[], {}], [{}, null], ['', null]]) expect(differences(python, ours)).toBe(1);
});

test('a step that one run has alone is one difference, and the others are still compared', () => {
  const python = run(['a'], ['b', { v: 1 }], ['c'], ['b', { v: 2 }]);
  const ours = run(['a'], ['b', { v: 1 }], ['d'], ['b', { v: 3 }]);
  expect(compare(python, ours).differences).toEqual([
    { stream: 'run 1', where: 'c', python: {}, ours: undefined },
    { stream: 'run 1', where: 'd', python: undefined, ours: {} },
    { stream: 'run 1', where: 'b: v', python: 2, ours: 3 },
  ]);
});

test('a stream that one run has alone is different in all its steps', () => {
  const empty = new Map<string, readonly Step[]>();
  expect(compare(run(['a'], ['b']), empty).differences).toHaveLength(2);
  expect(compare(empty, run(['a'])).differences).toHaveLength(1);
});
