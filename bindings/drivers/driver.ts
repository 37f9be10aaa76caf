import type { Config, Gate, Scopes } from '../../core/index.ts';
import type { Patches } from '../adapters/wrap.ts';

/** What has to follow a call: which activity it is in, and which operation. */
export type Contexts = Pick<Scopes, 'storage' | 'inside'>;

/** What a driver's adapter works with. */
export interface DriverHost {
  readonly patches: Patches;
  readonly gate: Gate;
  readonly scopes: Contexts;
}

/** A database driver that can be governed; it is handed its module and imports nothing of it. */
export interface Driver {
  /** Its package, and its row in the coverage table. */
  readonly name: string;
  /** Puts governance before its queries; false where `module` is not this driver. Throws nothing. */
  install(host: DriverHost, module: object): boolean;
}

/** Whether a user wants the driver governed; two users share one patch of it. */
export function wants({ instrumentDatabases, dbLibraries }: Pick<Config, 'instrumentDatabases' | 'dbLibraries'>, driver: string): boolean {
  return instrumentDatabases && (dbLibraries === undefined || dbLibraries.has(driver));
}

/** The callback, to be called in the context of now: pools and sockets call back in whoever's context they have been made. */
export function inContext<A extends readonly unknown[]>({ storage, inside }: Contexts, callback: (...args: A) => void): (...args: A) => void {
  const [attempt, operation] = [storage.get(), inside.get()];
  return (...args) => storage.run(attempt, () => inside.run(operation, () => callback(...args)));
}

/** Goes on where the promise has settled, as a callback does: what is thrown there is an uncaught exception, as it is without us. */
export async function afterwards<T>(outcome: Promise<T>, done: (value: T) => void, failed: (error: unknown) => void): Promise<void> {
  let next: () => void;
  try {
    const value = await outcome;
    next = () => done(value);
  } catch (error) {
    next = () => failed(error);
  }
  queueMicrotask(next);
}
