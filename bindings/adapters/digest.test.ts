import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { createDigest } from './digest.ts';

test('HMACs are SHA-256 in hex', () => {
  // RFC 4231, test case 2.
  expect(createDigest(createHmac).hmac('Jefe', 'what do ya want for nothing?')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
});
