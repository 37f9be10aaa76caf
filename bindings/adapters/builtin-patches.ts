import type { Gate, Patched, ProcessSlot, Wanted } from '../../core/index.ts';
import { installFetch } from './fetch.ts';
import type { FileModule } from './file-module.ts';
import { installFilePromises } from './file-promises.ts';
import { installFileSync } from './file-sync.ts';
import { installHttp } from './http-client.ts';
import type { HttpModules } from './http-module.ts';
import { type BuiltinImports, boundBeforePatch } from './named-imports.ts';
import { installProcessSync } from './process-sync.ts';
import { calledFrom } from './runtime-caller.ts';
import { guardUnhandled } from './unhandled.ts';
import { createPatches, type Patches } from './wrap.ts';

/** What of a runtime patching has to know. */
export interface BuiltinNeeds {
  readonly imports: BuiltinImports;
  /** Whether `fetch` takes `file:` URLs. */
  readonly fetchReadsFiles: boolean;
  /** Governs the database drivers that are given and found; returns what ends the finding. */
  installDrivers(host: { patches: Patches; gate: Gate; scopes: ProcessSlot['scopes'] }, wanted: Wanted): () => void;
}

/**
 * Patches the global functions and built-in modules that a runtime shares with Node. Modules are asked for, never
 * imported: on Bun and Deno the first import of a module fixes its named exports as they are then.
 */
export function installBuiltins(wanted: Wanted, slot: ProcessSlot, gate: Gate, { imports, fetchReadsFiles, installDrivers }: BuiltinNeeds): Patched {
  const patches = createPatches(slot.installed, gate);
  // First: opening a file, as the promises do, has Deno fix the named exports of `node:fs`.
  if (wanted.instrumentFileIo) installFileSync(patches, fileModule());
  installProcessSync(patches, { childProcess: process.getBuiltinModule('node:child_process'), env: () => process.env });
  const forget = installDrivers({ patches, gate, scopes: slot.scopes }, wanted);
  installFetch(patches, globalThis, fetchReadsFiles ? fileModule() : undefined);
  installHttp(patches, httpModules());
  const files = wanted.instrumentFileIo ? installFilePromises(patches, fileModule()) : undefined;
  const unguard = guardUnhandled();
  const { syncBuiltinESMExports } = process.getBuiltinModule('node:module');
  // On Node the named exports of built-in modules are copies that have to be renewed.
  syncBuiltinESMExports();
  const boundBefore: string[] = [];
  const check = async (): Promise<void> => {
    await files;
    boundBefore.push(...(await boundBeforePatch(patches.added, imports)));
  };
  return {
    ready: check(),
    missing: patches.missing,
    boundBefore,
    uninstall: () => {
      forget();
      patches.release();
      unguard();
      syncBuiltinESMExports();
    },
  };
}

function httpModules(): HttpModules {
  return {
    http: process.getBuiltinModule('node:http'),
    // Asked for when `http` is patched: on Deno it fixes the named exports of that.
    get https() {
      return process.getBuiltinModule('node:https');
    },
    Buffer: process.getBuiltinModule('node:buffer').Buffer,
  };
}

function fileModule(): FileModule {
  const { Buffer } = process.getBuiltinModule('node:buffer');
  const fs = process.getBuiltinModule('node:fs');
  return {
    fs,
    promises: fs.promises,
    nullDevice: process.getBuiltinModule('node:os').devNull,
    fileUrlToPath: process.getBuiltinModule('node:url').fileURLToPath,
    encode: (text, encoding) => Buffer.from(text, encoding as BufferEncoding),
    isEncoding: (encoding) => Buffer.isEncoding(encoding),
    // Node loads modules, and source maps of stack traces, by what is patched.
    loads: calledFrom(/^node:internal\/(?:modules|source_map)\//),
  };
}
