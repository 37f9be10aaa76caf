/** A keyed fingerprint (HMAC-SHA-256, hex). Synchronous; used only where an approval is in play. */
export interface Digest {
  hmac(key: string, text: string): string;
}

/** Twin for tests: readable and collision-free, not secret. */
export const memoryDigest: Digest = { hmac: (key, text) => `${key.length}:${text}` };
