import type { Config } from './config.ts';
import type { CoverageRow } from './coverage.ts';
import type { Gate } from './gate.ts';
import type { Ports } from './ports/index.ts';
import type { ProcessSlot } from './slot.ts';

/** What a runtime brings: its ports, its interceptions, and what these cover. */
export interface Binding {
  /** `node`, `bun`, `deno`, `edge`. */
  readonly runtime: string;
  readonly coverage: readonly CoverageRow[];
  env(): Readonly<Record<string, string | undefined>>;
  slot(): ProcessSlot;
  /** Opens what traffic to Core needs; `close` ends it. */
  open(config: Config): { readonly ports: Ports; close(): Promise<void> };
  /** Patches what `config` wants governed. */
  install(config: Config, gate: Gate): Promise<Patched>;
}

/** One user's share of the patches. */
export interface Patched {
  /** Routes that should be governed and could not be patched. */
  readonly missing: readonly string[];
  /** Takes this user's share off. */
  uninstall(): void;
}
