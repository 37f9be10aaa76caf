import { refuseUnknown } from '../../core/config.ts';
import type { Gate } from '../../core/gate.ts';
import { governIn } from '../../core/govern.ts';

/** What of a piece of code is shown to Core. */
export interface SpanOptions {
  /** @default null */
  readonly module?: string | undefined;
  /**
   * What the code works on, shown as its arguments. Without them one call cannot be told from another, and an approval
   * is waited for in place.
   */
  readonly args?: readonly unknown[] | undefined;
  /**
   * Show what it returned.
   * @default true
   */
  readonly captureResult?: boolean | undefined;
}

/** Runs a piece of code as one operation called `name`; rejects with what it throws, or with a stop. */
export type WithSpan = <R>(name: string, run: () => R | Promise<R>, options?: SpanOptions) => Promise<R>;

const OPTIONS = Object.keys({ module: true, args: true, captureResult: true } satisfies Record<keyof SpanOptions, true>);

/**
 * Makes a piece of code inside an activity one operation, a `function_call`: asked about before it runs, reported after
 * it. Outside a governed activity it just runs. Contract §3.1.
 */
export function createWithSpan(gate: Gate): WithSpan {
  return async (name, run, options = {}) => {
    // A misspelt `captureResult` would show what was to be hidden.
    refuseUnknown(options, OPTIONS);
    const { module, args, captureResult = true } = options;
    const attempt = gate.enter(`withSpan("${name}")`);
    if (attempt === undefined) return run();
    const operation = { type: 'function_call', function: name, module: module ?? null, args: args ?? [] } as const;
    return governIn(attempt, operation, async () => run(), {
      describe: (result) => (captureResult ? { result } : {}),
      exact: () => args,
    });
  };
}
