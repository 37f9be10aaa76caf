import type { Scopes } from './governor.ts';
import type { ContextStorage } from './ports/context-storage.ts';

/** A function that is or was patched, and who needs that. It is kept when nobody does: the same patch goes back on. */
export interface Installed {
  users: number;
  /** What stood there before. */
  readonly original: unknown;
  /** Puts the patch on; false where that cannot be done, or something else stands there by now. */
  apply(): boolean;
  restore(): void;
}

/** What exists once per process, whatever the number of copies of this package in it. */
export interface ProcessSlot {
  readonly scopes: Scopes;
  /** Routes that are or were patched, by name, and what of each: there can be two copies of one driver. */
  readonly installed: Map<string, Map<object, Installed>>;
  /** True where the patches came before the first module of the application. */
  preloaded?: boolean;
  /** What a person has been told once in this process. */
  readonly said: Set<string>;
}

const SLOT = Symbol.for('openbox.sdk.process.v1');

export function processSlot(createStorage: <T>() => ContextStorage<T>): ProcessSlot {
  const holder = globalThis as { [SLOT]?: ProcessSlot };
  const scopes = (): Scopes => ({ storage: createStorage(), inside: createStorage(), running: new Set() });
  return (holder[SLOT] ??= { scopes: scopes(), installed: new Map(), said: new Set() });
}

/** Whether a route is patched in this process now. */
export function isInstalled({ installed }: Pick<ProcessSlot, 'installed'>, route: string): boolean {
  return [...(installed.get(route)?.values() ?? [])].some(({ users }) => users > 0);
}
