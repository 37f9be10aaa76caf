import type { Binding, Gate } from '../../core/index.ts';
import { createBuiltinBinding } from '../adapters/builtin-binding.ts';
import { builtinSlot } from '../adapters/builtin-slot.ts';
import { lazyGate } from '../adapters/lazy-gate.ts';
import type { BuiltinImports } from '../adapters/named-imports.ts';
import { onLoaded } from '../adapters/loaded-modules.ts';
import { installDrivers } from '../drivers/index.ts';
import { threadEntry } from '../adapters/thread-entry.ts';
import { openCoreFetch } from './core-fetch.ts';
import { COVERAGE } from './coverage.ts';

const IMPORTS: BuiltinImports = {
  'node:child_process': () => import('node:child_process'),
  'node:fs': () => import('node:fs'),
  'node:fs/promises': () => import('node:fs/promises'),
  'node:http': () => import('node:http'),
  'node:https': () => import('node:https'),
};

/** Node 20.19 and later. */
export const nodeBinding: Binding = createBuiltinBinding({
  runtime: 'node',
  coverage: COVERAGE,
  preload: '--import @openbox-ai/temporal-sdk/preload',
  imports: IMPORTS,
  fetchReadsFiles: false,
  installDrivers: (host, wanted) => installDrivers(host, wanted, onLoaded),
  gateThread: threadEntry(import.meta.url, './sync-gate-thread', false),
  openCoreFetch: ({ openboxUrl, governanceTimeout }) => openCoreFetch(openboxUrl, governanceTimeout),
});

export const nodeGate: Gate = lazyGate(builtinSlot);
