import type { Digest } from '../../core/index.ts';

/** What of `node:crypto` the port needs; web crypto has no synchronous HMAC. */
export type CreateHmac = (algorithm: 'sha256', key: string) => { update(text: string): { digest(encoding: 'hex'): string } };

export function createDigest(createHmac: CreateHmac): Digest {
  return { hmac: (key, text) => createHmac('sha256', key).update(text).digest('hex') };
}
