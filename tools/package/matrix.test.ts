import { expect, test } from 'vitest';
import { drawMatrix, problemsOf } from './matrix.ts';

const matrix = new Map([
  ['.\nimport {}\nNode 20', ''],
  ['./core\nimport {}\nNode 20', ''],
  ['.\nimport {}\nBun', 'does not load'],
  ['.\nrequire()\nBun', ''],
]);

test('is drawn as a table for each form', () => {
  expect(drawMatrix(matrix).split('\n')).toEqual([
    'import {}',
    '          Node 20  Bun',
    '  .       +        !',
    '  ./core  +',
    'require()',
    '          Node 20  Bun',
    '  .                +',
    '  ./core',
  ]);
});

test('tells what went wrong and where', () => {
  expect(problemsOf(matrix)).toEqual(['., import {}, Bun: does not load']);
});
