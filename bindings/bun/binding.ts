import type { Binding, Gate } from '../../core/index.ts';
import { createBuiltinBinding } from '../adapters/builtin-binding.ts';
import { builtinSlot } from '../adapters/builtin-slot.ts';
import { lazyGate } from '../adapters/lazy-gate.ts';
import type { BuiltinImports } from '../adapters/named-imports.ts';
import { onInstalled } from '../adapters/loaded-modules.ts';
import { threadEntry } from '../adapters/thread-entry.ts';
import { webFetch } from '../adapters/web-fetch.ts';
import { installDrivers } from '../drivers/index.ts';
import { COVERAGE } from './coverage.ts';

const IMPORTS: BuiltinImports = {
  'node:child_process': () => import('node:child_process'),
  'node:fs': () => import('node:fs'),
  'node:fs/promises': () => import('node:fs/promises'),
  'node:http': () => import('node:http'),
  'node:https': () => import('node:https'),
};

/** Bun 1.4 and later. */
export const bunBinding: Binding = createBuiltinBinding({
  runtime: 'bun',
  coverage: COVERAGE,
  preload: '--preload @openbox-ai/temporal-sdk/preload',
  imports: IMPORTS,
  fetchReadsFiles: true,
  installDrivers: (host, wanted) => installDrivers(host, wanted, onInstalled),
  gateThread: threadEntry(import.meta.url, './sync-gate-thread', true),
  // The runtime keeps its connections alive itself.
  openCoreFetch: (_, slot) => ({ fetch: webFetch(slot), close: async () => {} }),
});

export const bunGate: Gate = lazyGate(builtinSlot);
