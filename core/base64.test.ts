import { expect, test } from 'vitest';
import { toBase64 } from './base64.ts';

test.each(['', 'f', 'fo', 'foo', 'foob', 'fooba', 'foobar', 'ÿ€😀'])('encodes %j as Buffer does', (text) => {
  const bytes = new TextEncoder().encode(text);
  expect(toBase64(bytes)).toBe(Buffer.from(bytes).toString('base64'));
});

test('encodes every byte, at every place in its group', () => {
  const bytes = Uint8Array.from({ length: 1024 }, (_, i) => (i * 7) & 255);
  for (const length of [1021, 1022, 1023, 1024]) {
    expect(toBase64(bytes.subarray(0, length))).toBe(Buffer.from(bytes.subarray(0, length)).toString('base64'));
  }
});

test('encodes a view by its own bytes only', () => {
  expect(toBase64(new Uint8Array([0, 1, 2, 3, 4]).subarray(1, 3))).toBe('AQI=');
});
