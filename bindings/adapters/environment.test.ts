import { expect, test } from 'vitest';
import { environmentWithout } from './environment.ts';

test('a copy without what is named; nothing where it may not be read', () => {
  const env = { A: '1', B: '2' };
  expect(environmentWithout(() => env, 'B', 'C')).toEqual({ A: '1' });
  expect(env).toEqual({ A: '1', B: '2' });
  expect(
    environmentWithout(() => {
      throw new Error('Requires env access');
    }),
  ).toBeUndefined();
});

test('what an environment inherits is part of it', () => {
  const env = Object.create({ A: '1', B: '2' }) as Record<string, string>;
  expect(environmentWithout(() => Object.assign(env, { C: '3' }), 'B')).toEqual({ A: '1', C: '3' });
});
