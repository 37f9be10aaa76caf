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

interface Target {
  /** The coverage table's name for it. */
  readonly route: string;
  readonly target: object;
  readonly name: string;
}

/** A function whose calls in activities are governed. */
export interface GovernedPatch extends Target {
  /**
   * How a call that belongs to no activity is refused where `strict` asks for it.
   * @default 'rejects'
   */
  readonly refuses?: 'rejects' | 'throws';
  /** True for a call of the patched function that is not the user's, but the runtime's own. */
  exempt?(called: AnyFunction): boolean;
  /** Takes the place of calls that belong to an activity; returns what the function would. */
  governed(call: Call): unknown;
}

/** A function all of whose calls are looked at; who patches it asks the gate itself. */
export interface WatchedPatch extends Target {
  /** Takes the place of every call. */
  readonly every: (original: AnyFunction, self: unknown, args: ArrayLike<unknown>) => unknown;
}

export type Patch = GovernedPatch | WatchedPatch;

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
  const mine = new Set<Installed>();
  const missing: string[] = [];
  const added: Patch[] = [];
  return {
    missing,
    added,
    add(patch) {
      const { route, target } = patch;
      const targets = installed.get(route) ?? new Map<object, Installed>();
      let known = targets.get(target);
      if (known !== undefined && mine.has(known)) return true;
      if (known === undefined || (known.users === 0 && !known.apply())) {
        const replacement = createReplacement(patch, gate);
        if (replacement?.apply() !== true) {
          missing.push(route);
          return false;
        }
        known = { users: 0, ...replacement };
        installed.set(route, targets.set(target, known));
      }
      known.users++;
      mine.add(known);
      added.push(patch);
      return true;
    },
    release() {
      for (const known of mine) if (--known.users === 0) known.restore();
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
  const { name } = patch;
  const called = 'every' in patch ? patch.every : governedOnly(patch, gate, () => imitation);
  const { [name]: patched } = {
    // A method, as it is neither constructible nor bound. A rest array would be made for every call.
    [name](this: unknown): unknown {
      return state.active ? called(original, this, arguments) : Reflect.apply(original, this, arguments);
    },
  };
  const imitation: AnyFunction = imitate(original, patched as AnyFunction);
  return imitation;
}

/**
 * What is handed on of an argument that makes no sense to us, so that the function's own error says so: never an object,
 * which the function might understand after all, unasked.
 */
export function refused(argument: unknown): unknown {
  return typeof argument === 'object' || typeof argument === 'function' ? null : argument;
}

function governedOnly(patch: GovernedPatch, gate: Gate, patched: () => AnyFunction): WatchedPatch['every'] {
  const { route, governed, refuses = 'rejects' } = patch;
  const exempt = patch.exempt === undefined ? undefined : (): boolean => patch.exempt?.(patched()) === true;
  return (original, self, args) => {
    let attempt: Attempt | undefined;
    try {
      attempt = gate.enter(route, exempt);
    } catch (error) {
      if (refuses === 'throws') throw error;
      return Promise.reject(error);
    }
    if (attempt === undefined) return Reflect.apply(original, self, args);
    const result = governed(callOf(attempt, original, self, args));
    return result instanceof Promise ? handled(result) : result;
  };
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
