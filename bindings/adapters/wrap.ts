import type { Attempt, Gate, Installed, ProcessSlot } from '../../core/index.ts';
import { type AnyFunction, imitate } from './imitate.ts';

/** One call of a patched function, made inside an activity. */
export interface Call {
  readonly attempt: Attempt;
  /** The object it was called on. */
  readonly self: unknown;
  readonly args: readonly unknown[];
  /** Calls the original, on that object. */
  original(...args: readonly unknown[]): unknown;
}

/** A function to be patched. */
export interface Patch {
  /** The coverage table's name for it. */
  readonly route: string;
  readonly target: object;
  readonly name: string;
  /**
   * How a call that belongs to no activity is refused where `strict` asks for it.
   * @default 'rejects'
   */
  readonly refuses?: 'rejects' | 'throws';
  /** Takes the place of calls that belong to an activity; returns what the function would. */
  governed(call: Call): unknown;
}

/** One user's share of the patches of this process. Two workers share one patch of a function. */
export interface Patches {
  /** False where the target cannot be patched: absent, no function, or frozen. Never throws. */
  add(patch: Patch): boolean;
  /** The routes that could not be patched. */
  readonly missing: readonly string[];
  /** The patches of this user. */
  readonly added: readonly Patch[];
  /** Takes this user's share off; a patch goes with its last user. */
  release(): void;
}

export function createPatches(installed: ProcessSlot['installed'], gate: Gate): Patches {
  const mine = new Set<string>();
  const missing: string[] = [];
  const added: Patch[] = [];
  return {
    missing,
    added,
    add(patch) {
      const { route } = patch;
      if (mine.has(route)) return true;
      const known = installed.get(route);
      if (known !== undefined && (known.users > 0 || known.apply())) {
        known.users++;
      } else {
        const replacement = createReplacement(patch, gate);
        if (replacement?.apply() !== true) {
          missing.push(route);
          return false;
        }
        installed.set(route, { users: 1, ...replacement });
      }
      mine.add(route);
      added.push(patch);
      return true;
    },
    release() {
      for (const route of mine) {
        const known = installed.get(route);
        if (known !== undefined && --known.users === 0) known.restore();
      }
      mine.clear();
    },
  };
}

type Replacement = Pick<Installed, 'original' | 'apply' | 'restore'>;

/**
 * The patch of a function; undefined where there is none. One that was taken off can be put on again: named imports may
 * hold it for as long as the process lives, and must not stay behind as dead patches.
 */
function createReplacement(patch: Patch, gate: Gate): Replacement | undefined {
  const { target, name } = patch;
  try {
    const own = Object.getOwnPropertyDescriptor(target, name);
    const original: unknown = Reflect.get(target, name);
    if (typeof original !== 'function') return undefined;
    const state = { active: false };
    const patched = patchedFunction(patch, gate, original as AnyFunction, state);
    const { configurable = true, enumerable = false } = own ?? {};
    return {
      original,
      apply: () => {
        state.active = Reflect.get(target, name) === original && Reflect.defineProperty(target, name, { value: patched, configurable, enumerable, writable: true });
        return state.active;
      },
      restore: () => {
        state.active = false;
        // Where somebody has patched on top of ours, that stays and ours below it lets everything through.
        if (Object.getOwnPropertyDescriptor(target, name)?.value === patched) putBack(target, name, own);
      },
    };
  } catch {
    return undefined;
  }
}

function putBack(target: object, name: string, own: PropertyDescriptor | undefined): void {
  if (own === undefined) Reflect.deleteProperty(target, name);
  else Reflect.defineProperty(target, name, own);
}

/** Outside an activity: one context read, then the original with what it was called with. */
function patchedFunction(patch: Patch, gate: Gate, original: AnyFunction, state: { active: boolean }): AnyFunction {
  const { route, name, governed, refuses = 'rejects' } = patch;
  const { [name]: patched } = {
    // A method, as it is neither constructible nor bound. A rest array would be made for every call.
    [name](this: unknown): unknown {
      let attempt: Attempt | undefined;
      try {
        attempt = state.active ? gate.enter(route) : undefined;
      } catch (error) {
        if (refuses === 'throws') throw error;
        return Promise.reject(error);
      }
      if (attempt === undefined) return Reflect.apply(original, this, arguments);
      const result = governed(callOf(attempt, original, this, arguments));
      return result instanceof Promise ? handled(result) : result;
    },
  };
  return imitate(original, patched as AnyFunction);
}

/**
 * A stop on a promise that nobody awaits is enforced by its activity; as an unhandled rejection it would end the process,
 * and with it everybody else's activities.
 */
export function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => undefined);
  return promise;
}

function callOf(attempt: Attempt, original: AnyFunction, self: unknown, args: ArrayLike<unknown>): Call {
  return { attempt, self, args: Array.from(args), original: (...given) => Reflect.apply(original, self, given) };
}
