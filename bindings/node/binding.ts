import type { Binding } from '../../core/index.ts';
import { nodeSlot } from './context.ts';
import { COVERAGE } from './coverage.ts';
import { install } from './install.ts';
import { openPorts } from './ports.ts';

/** Node 20.19 and later. */
export const nodeBinding: Binding = {
  runtime: 'node',
  coverage: COVERAGE,
  env: () => process.env,
  slot: nodeSlot,
  open: openPorts,
  install: (config, gate) => install(config, nodeSlot(), gate),
};
