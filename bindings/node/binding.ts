import type { Binding, Gate } from '../../core/index.ts';
import { createBuiltinBinding } from '../adapters/builtin-binding.ts';
import { builtinSlot } from '../adapters/builtin-context.ts';
import { lazyGate } from '../adapters/lazy-gate.ts';
import { openCoreFetch } from './core-fetch.ts';
import { COVERAGE } from './coverage.ts';

/** Node 20.19 and later. */
export const nodeBinding: Binding = createBuiltinBinding({
  runtime: 'node',
  coverage: COVERAGE,
  openCoreFetch: ({ openboxUrl, governanceTimeout }) => openCoreFetch(openboxUrl, governanceTimeout),
});

export const nodeGate: Gate = lazyGate(builtinSlot);
