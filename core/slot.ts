import type { Attempt } from './attempt.ts';
import type { Scopes } from './governor.ts';
import type { ContextStorage } from './ports/context-storage.ts';

/** A patched function, and who needs it. */
export interface Installed {
  users: number;
  restore(): void;
}

/** What exists once per process, whatever the number of copies of this package in it. */
export interface ProcessSlot {
  readonly scopes: Scopes;
  /** Patched routes by name. */
  readonly installed: Map<string, Installed>;
}

const SLOT = Symbol.for('openbox.sdk.process.v1');

export function processSlot(createStorage: () => ContextStorage<Attempt>): ProcessSlot {
  const holder = globalThis as { [SLOT]?: ProcessSlot };
  return (holder[SLOT] ??= { scopes: { storage: createStorage(), running: new Set() }, installed: new Map() });
}
