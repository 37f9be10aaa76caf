import { AsyncLocalStorage } from 'node:async_hooks';
import { type Binding, type Gate, type ProcessSlot, processSlot } from '../../core/index.ts';
import { contextsBy } from '../adapters/async-context.ts';
import { installFetch } from '../adapters/fetch.ts';
import { lazyGate } from '../adapters/lazy-gate.ts';
import { createPatches } from '../adapters/wrap.ts';
import { installDrivers } from '../drivers/index.ts';
import { COVERAGE } from './coverage.ts';
import { edgePorts } from './ports.ts';

/** workerd and other runtimes that have little more than `fetch`; `node:async_hooks` has to be among it. */
export const edgeBinding: Binding = {
  runtime: 'edge',
  coverage: COVERAGE,
  env: () => (globalThis as { readonly process?: { readonly env?: Record<string, string> } }).process?.env ?? {},
  slot: edgeSlot,
  open: (config) => ({ ports: edgePorts(config, edgeSlot()), close: async () => {} }),
  install: (wanted, gate) => {
    const { installed, scopes } = edgeSlot();
    const patches = createPatches(installed, gate);
    installDrivers({ patches, gate, scopes }, wanted);
    installFetch(patches, globalThis);
    return { ready: Promise.resolve(), missing: patches.missing, boundBefore: [], uninstall: patches.release };
  },
};

export const edgeGate: Gate = lazyGate(edgeSlot);

function edgeSlot(): ProcessSlot {
  return processSlot(contextsBy(AsyncLocalStorage));
}
