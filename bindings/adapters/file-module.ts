import type * as fs from 'node:fs';
import type { AnyFunction } from './imitate.ts';

type Promises = typeof fs.promises;

/** What of a runtime's file modules the adapters work with; `fs` and its `promises` are what is patched. */
export interface FileModule {
  readonly fs: typeof fs;
  readonly promises: Promises;
  /** `os.devNull` */
  readonly nullDevice: string;
  /** `url.fileURLToPath` */
  fileUrlToPath(url: URL): string;
  /** `Buffer.from`, for encodings that `isEncoding` knows. */
  encode(text: string, encoding: string): Uint8Array;
  /** `Buffer.isEncoding` */
  isEncoding(encoding: string): boolean;
  /** Whether the runtime itself calls this function, to load a module; absent where it never does by what is patched. */
  readonly loads?: (called: AnyFunction) => boolean;
}

export type FileHandle = fs.promises.FileHandle;
