import { promises } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Config, Gate, Patched, ProcessSlot } from '../../core/index.ts';
import { installFetch } from '../adapters/fetch.ts';
import type { FileModule } from '../adapters/file-module.ts';
import { installFilePromises } from '../adapters/file-promises.ts';
import { createPatches } from '../adapters/wrap.ts';
import { guardUnhandled } from './unhandled.ts';

const files: FileModule = {
  promises,
  nullDevice: devNull,
  fileUrlToPath: fileURLToPath,
  encode: (text, encoding) => Buffer.from(text, encoding as BufferEncoding),
  isEncoding: (encoding) => Buffer.isEncoding(encoding),
};

/** Patches what `config` wants governed. */
export async function install(config: Config, slot: ProcessSlot, gate: Gate): Promise<Patched> {
  const patches = createPatches(slot.installed, gate);
  installFetch(patches, globalThis);
  if (config.instrumentFileIo) await installFilePromises(patches, files);
  const unguard = guardUnhandled();
  // Named imports of built-in modules are bindings of their own.
  syncBuiltinESMExports();
  return {
    missing: patches.missing,
    uninstall: () => {
      patches.release();
      unguard();
      syncBuiltinESMExports();
    },
  };
}
