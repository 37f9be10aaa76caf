import type { Gate, Patched, ProcessSlot } from '../../core/index.ts';
import { installFetch } from './fetch.ts';
import type { FileModule } from './file-module.ts';
import { installFilePromises } from './file-promises.ts';
import { guardUnhandled } from './unhandled.ts';
import { createPatches } from './wrap.ts';

/** Which of them are wanted. */
export interface Wanted {
  readonly instrumentFileIo: boolean;
}

/**
 * Patches the global functions and built-in modules that a runtime shares with Node. Modules are asked for, never
 * imported: on Bun and Deno the first import of a module fixes its named exports as they are then.
 */
export async function installBuiltins(wanted: Wanted, slot: ProcessSlot, gate: Gate): Promise<Patched> {
  const patches = createPatches(slot.installed, gate);
  installFetch(patches, globalThis);
  if (wanted.instrumentFileIo) await installFilePromises(patches, fileModule());
  const unguard = guardUnhandled();
  const { syncBuiltinESMExports } = process.getBuiltinModule('node:module');
  // On Node the named exports of built-in modules are copies that have to be renewed.
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

function fileModule(): FileModule {
  const { Buffer } = process.getBuiltinModule('node:buffer');
  return {
    promises: process.getBuiltinModule('node:fs').promises,
    nullDevice: process.getBuiltinModule('node:os').devNull,
    fileUrlToPath: process.getBuiltinModule('node:url').fileURLToPath,
    encode: (text, encoding) => Buffer.from(text, encoding as BufferEncoding),
    isEncoding: (encoding) => Buffer.isEncoding(encoding),
  };
}
