import type { promises } from 'node:fs';

/** What of a runtime's file modules the adapter works with; `promises` is what is patched. */
export interface FileModule {
  readonly promises: typeof promises;
  /** `os.devNull` */
  readonly nullDevice: string;
  /** `url.fileURLToPath` */
  fileUrlToPath(url: URL): string;
  /** `Buffer.from`, for encodings that `isEncoding` knows. */
  encode(text: string, encoding: string): Uint8Array;
  /** `Buffer.isEncoding` */
  isEncoding(encoding: string): boolean;
}

export type FileHandle = promises.FileHandle;
