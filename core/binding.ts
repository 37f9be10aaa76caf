import type { Config } from './config.ts';
import type { CoverageRow } from './coverage.ts';
import type { Gate } from './gate.ts';
import type { Ports } from './ports/index.ts';
import type { ProcessSlot } from './slot.ts';

/** What a runtime brings: its ports, its interceptions, and what these cover. */
export interface Binding {
  /** The runtime's name, as messages and tables show it. */
  readonly runtime: string;
  readonly coverage: readonly CoverageRow[];
  env(): Readonly<Record<string, string | undefined>>;
  slot(): ProcessSlot;
  /** Opens what traffic to Core needs, under this name; `close` ends it. */
  open(config: Config, sdkId: string): { readonly ports: Ports; close(): Promise<void> };
  /** How a process is started with the preload, for messages; undefined where there is none. */
  readonly preload?: string;
  /** Patches what is wanted. */
  install(wanted: Wanted, gate: Gate): Patched;
}

/** What is to be governed, as the configuration has it. */
export type Wanted = Pick<Config, 'instrumentFileIo' | 'instrumentDatabases' | 'dbLibraries' | 'databases'>;

/** One user's share of the patches. */
export interface Patched {
  /** Resolves when all is in place; most is at once, so that a preload comes before the first module. */
  readonly ready: Promise<void>;
  /** Routes that should be governed and could not be patched. */
  readonly missing: readonly string[];
  /** Routes whose named imports were bound before they were patched, and stay ungoverned; complete when `ready`. */
  readonly boundBefore: readonly string[];
  /** Takes this user's share off. */
  uninstall(): void;
}
