/** Keeps the beginning of what passes by. */
export interface Collector {
  add(chunk: Uint8Array): void;
  /** Copies of what passed, up to the limit. */
  bytes(): Uint8Array<ArrayBuffer>;
}

export function collector(limit: number): Collector {
  const chunks: Uint8Array[] = [];
  let size = 0;
  return {
    add(chunk) {
      if (size >= limit) return;
      // Not `slice`: on a Buffer that shares the memory.
      const copy = new Uint8Array(chunk.subarray(0, limit - size));
      chunks.push(copy);
      size += copy.byteLength;
    },
    bytes: () => concat(chunks, size),
  };
}

function concat(chunks: readonly Uint8Array[], size: number): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(size);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}
