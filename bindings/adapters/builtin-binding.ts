import type { Binding, Config, CoverageRow, ProcessSlot } from '../../core/index.ts';
import { builtinSlot } from './builtin-slot.ts';
import { type BuiltinNeeds, installBuiltins } from './builtin-patches.ts';
import { type CoreFetch, openBuiltinPorts } from './builtin-ports.ts';
import { refuseOtherRuntime } from './runtime-here.ts';
import type { ThreadEntry } from './thread-entry.ts';

/** What a runtime with Node's built-in modules has of its own. */
export interface BuiltinRuntime extends BuiltinNeeds {
  readonly runtime: string;
  readonly coverage: readonly CoverageRow[];
  readonly preload: string;
  openCoreFetch(config: Config, slot: ProcessSlot): CoreFetch;
  /** What the sync gate runs in its thread. */
  readonly gateThread: ThreadEntry;
}

/** The binding of a runtime that has Node's built-in modules. */
export function createBuiltinBinding({ runtime, coverage, preload, openCoreFetch, gateThread, ...needs }: BuiltinRuntime): Binding {
  return {
    runtime,
    coverage,
    preload,
    env: () => process.env,
    slot: builtinSlot,
    open: (config, sdkId) => {
      refuseOtherRuntime(runtime);
      return openBuiltinPorts(config, sdkId, builtinSlot(), openCoreFetch(config, builtinSlot()), gateThread);
    },
    install: (wanted, gate) => installBuiltins(wanted, builtinSlot(), gate, needs),
  };
}
