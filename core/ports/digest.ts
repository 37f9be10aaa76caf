/** A keyed fingerprint (HMAC-SHA-256, hex). Synchronous; used only where an approval is in play. */
export interface Digest {
  hmac(key: string, text: string): string;
}

/** Twin for tests: readable and collision-free, not secret. */
export const memoryDigest: Digest = { hmac: (key, text) => `${hash(key)}:${text}` };

const hash = (text: string): number => Array.from(text).reduce((sum, character) => (sum * 31 + (character.codePointAt(0) ?? 0)) % 1_000_003, 7);
