import type { Binding, Gate } from '../../core/index.ts';
import { builtinSlot } from './builtin-slot.ts';
import { runtimeHere, type Versions } from './runtime-here.ts';

/** The preload of one runtime. */
export interface Preload {
  readonly binding: Binding;
  readonly gate: Gate;
  /** The name of this runtime among `process.versions`. */
  readonly name: 'node' | 'bun' | 'deno';
  /** The oldest version that is tested. */
  readonly floor: string;
}

/**
 * Patches everything before the application's first module, for as long as the process lives; until governance starts,
 * calls go straight through. In another runtime, or one that is too old, it says so and does no harm.
 */
export function preload({ binding, gate, name, floor }: Preload, versions: Versions = process.versions): void {
  const here = runtimeHere(versions);
  const version = versions[name] ?? '';
  if (here !== name) return say(`this is the preload for ${name} and the process is ${here}: use the one for ${here}; nothing was patched, every route stays open`);
  if (isOlder(version, floor)) say(`${name} ${version} is older than ${floor}, the oldest that is tested: coverageReport() tells which routes stay open`);
  try {
    const { ready } = binding.install({ instrumentFileIo: true, instrumentDatabases: true, dbLibraries: undefined, databases: {} }, gate);
    builtinSlot().preloaded = true;
    ready.catch(failed);
  } catch (error) {
    failed(error);
  }
}

function failed(error: unknown): void {
  say(`the preload failed (${String(error)}): routes that are not patched stay open, and the application runs without them`);
}

function say(text: string): void {
  process.stderr.write(`[openbox] warn: ${text.charAt(0).toUpperCase()}${text.slice(1)}\n`);
}

/** `1.4` is older than `1.10`. */
export function isOlder(version: string, floor: string): boolean {
  const [is, least] = [version, floor].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0));
  const at = least?.findIndex((part, i) => (is?.[i] ?? 0) !== part) ?? -1;
  return at >= 0 && (is?.[at] ?? 0) < (least?.[at] ?? 0);
}
