import { expect, test } from 'vitest';
import { errorDetails } from './error-details.ts';

const named = (name: unknown): Error => Object.assign(new Error('m'), { name });

test.each([
  [new RangeError('m'), { type: 'RangeError', message: 'm' }],
  [named('Mine'), { type: 'Mine', message: 'm' }],
  [named(404), { type: 'Error', message: 'm' }],
  [named(''), { type: 'Error', message: 'm' }],
  [named(null), { type: 'Error', message: 'm' }],
  ['text', { type: 'string', message: 'text' }],
  [undefined, { type: 'undefined', message: 'undefined' }],
  [Object.create(null), { type: 'Error', message: '[Unreadable error]' }],
])('%s', (error, details) => {
  expect(errorDetails(error)).toEqual(details);
});
