import { OpenBoxConfigError } from './errors.ts';
import { createScopes, type Scopes } from './governor.ts';
import type { ContextStorage } from './ports/context-storage.ts';
import { VERSION } from './version.ts';

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
  /** Copies with another number cannot share a slot. */
  readonly protocol: number;
  /** The version of the copy that came first. */
  readonly version: string;
  readonly scopes: Scopes;
  /** Routes that are or were patched, by name, and what of each: there can be two copies of one driver. */
  readonly installed: Map<string, Map<object, Installed>>;
  /** True where the patches came before the first module of the application. */
  preloaded?: boolean;
  /** What a person has been told once in this process. */
  readonly said: Set<string>;
}

const SLOT = Symbol.for('openbox.sdk.process');

/** Goes up with every change to what hangs on the slot: attempts, governors, scopes, patches. */
const PROTOCOL = 2;

/** A slot around the contexts of activities. */
export function createSlot(scopes: Scopes): ProcessSlot {
  return { protocol: PROTOCOL, version: VERSION, scopes, installed: new Map(), said: new Set() };
}

/** The slot of this process. Throws `OpenBoxConfigError` where a copy came first that shares another kind of slot. */
export function processSlot(createStorage: <T>() => ContextStorage<T>): ProcessSlot {
  const holder = globalThis as { [SLOT]?: ProcessSlot };
  const slot = (holder[SLOT] ??= createSlot(createScopes(createStorage)));
  if (slot.protocol !== PROTOCOL) {
    throw new OpenBoxConfigError(
      `Two versions of @openbox-ai/temporal-sdk in this process do not fit together, ${slot.version} and ${VERSION}: expected one, install it for both`,
    );
  }
  return slot;
}

/** One line where two versions share the slot; undefined where there is one. */
export function otherVersion({ version }: ProcessSlot): string | undefined {
  if (version === VERSION) return undefined;
  return `Two versions of @openbox-ai/temporal-sdk run in this process, ${version} and ${VERSION}; they share one governance, but install one version for both`;
}

/** Whether a route is patched in this process now. */
export function isInstalled({ installed }: Pick<ProcessSlot, 'installed'>, route: string): boolean {
  return [...(installed.get(route)?.values() ?? [])].some(({ users }) => users > 0);
}
