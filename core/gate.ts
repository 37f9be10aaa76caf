import type { Attempt } from './attempt.ts';
import type { Scopes } from './governor.ts';
import { strictest, unattributed } from './unattributed.ts';

/** What a patched function asks first: in which activity does this call happen? */
export interface Gate {
  /**
   * The running activity, or undefined where the call is nobody's: then the original is called and nothing else
   * happens. With nothing running that is one context read.
   *
   * @param route names the patched function where the call is unattributed
   * @param exempt true for a call that the runtime makes for itself, such as loading a module; looked at only where it matters
   */
  enter(route: string, exempt?: () => boolean): Attempt | undefined;
}

/** The gate to the contexts of activities. */
export function createGate({ storage, inside, running }: Scopes): Gate {
  return {
    enter(route, exempt) {
      const attempt = storage.get();
      if ((attempt === undefined && running.size === 0) || exempt?.() === true) return undefined;
      if (attempt !== undefined && inside.get()?.opaque === true) return undefined;
      if (attempt?.ended === false) return attempt;
      const governor = attempt?.governor ?? strictest({ running });
      if (governor !== undefined) unattributed(governor, route);
      return undefined;
    },
  };
}
