import { type Attempt, type FunctionOperation, type Gate, governIn, governSyncIn, OpenBoxConfigError, refuseUnknown, type Report } from '../../core/index.ts';
import { type AnyFunction, imitate } from './imitate.ts';
import { handled } from './wrap.ts';

/** How a traced function is shown and asked about. */
export interface TracedOptions {
  /**
   * What Core is told the function is called.
   * @default the function's own name
   */
  readonly name?: string | undefined;
  /**
   * Where it belongs.
   * @default none
   */
  readonly module?: string | undefined;
  /**
   * Show Core the arguments.
   * @default true
   */
  readonly captureArgs?: boolean | undefined;
  /**
   * Show Core the result.
   * @default true
   */
  readonly captureResult?: boolean | undefined;
  /**
   * Asks asynchronously, so that the function returns a promise. Set it for functions that return one without being
   * declared `async`, or whose `async` a compiler has taken away.
   * @default whether the function is declared `async`
   */
  readonly async?: boolean | undefined;
}

/** Decorates a method; in the form of the standard, and in TypeScript's older one. */
export interface TracedDecorator {
  <F extends AnyFunction>(method: F, context: ClassMethodDecoratorContext): F;
  (target: object, key: PropertyKey, descriptor: PropertyDescriptor): PropertyDescriptor;
}

/**
 * Makes every call of a function inside an activity an operation of its own, asked about before it runs: a
 * `function_call`. Outside an activity the call goes straight through. Contract §3.1.
 */
export interface Traced {
  <F extends AnyFunction>(fn: F, options?: TracedOptions): F;
  (options?: TracedOptions): TracedDecorator;
}

export function createTraced(gate: Gate): Traced {
  function traced(first?: AnyFunction | TracedOptions, options: TracedOptions = {}): unknown {
    return typeof first === 'function' ? trace(gate, first, options, first.name) : decorator(gate, first ?? {});
  }
  return traced as Traced;
}

function decorator(gate: Gate, options: TracedOptions): TracedDecorator {
  const decorate = (value: unknown, context: unknown, descriptor?: PropertyDescriptor): unknown => {
    const { kind, name } = Object(context) as { kind?: unknown; name?: PropertyKey };
    if (typeof value === 'function' && kind === 'method') return trace(gate, value as AnyFunction, options, String(name));
    const method: unknown = descriptor?.value;
    if (typeof method === 'function') {
      return { ...descriptor, value: trace(gate, method as AnyFunction, options, String(context as PropertyKey)) };
    }
    throw new OpenBoxConfigError('traced decorates methods: expected one, not a field, an accessor or a class');
  };
  return decorate as TracedDecorator;
}

const OPTIONS = Object.keys({
  name: true, module: true, captureArgs: true, captureResult: true, async: true,
} satisfies Record<keyof TracedOptions, true>);

function trace<F extends AnyFunction>(gate: Gate, fn: F, options: TracedOptions, ownName: string): F {
  // A misspelt `captureArgs` would show what was to be hidden.
  refuseUnknown(options, OPTIONS);
  const name = nameOf(options.name, ownName);
  const async = options.async ?? isAsync(fn);
  const traced = function (this: unknown): unknown {
    let attempt: Attempt | undefined;
    try {
      attempt = gate.enter(name);
    } catch (error) {
      if (async) return Promise.reject(error);
      throw error;
    }
    if (attempt === undefined) return Reflect.apply(fn, this, arguments);
    return call(attempt, { fn, name, async, options, self: this, args: Array.from(arguments) });
  };
  return imitate(fn, traced);
}

/** Core is never asked about a function without a name. */
function nameOf(given: unknown, own: string): string {
  if (given !== undefined && typeof given !== 'string') {
    throw new OpenBoxConfigError(`Option name of traced is ${typeof given}: expected a text, or nothing for the function's own name`, { option: 'name' });
  }
  return [given, own, 'anonymous'].find((name) => name !== undefined && name !== '') ?? 'anonymous';
}

interface TracedCall {
  readonly fn: AnyFunction;
  readonly name: string;
  readonly async: boolean;
  readonly options: TracedOptions;
  readonly self: unknown;
  /** A copy of the list, which is shown and with which the function runs; not of what is in it. */
  readonly args: readonly unknown[];
}

function call(attempt: Attempt, { fn, name, async, options, self, args }: TracedCall): unknown {
  const { module, captureArgs = true, captureResult = true } = options;
  const operation: FunctionOperation = { type: 'function_call', function: name, module: module || null, ...(captureArgs && { args }) };
  const report: Report<FunctionOperation, unknown> = {
    // A lazy thenable would begin its work by being waited for: it is handed out as it is, and nothing is known of it.
    describe: (result) => (captureResult && !isThenable(result) ? { result } : {}),
    withholds: (result) => result !== undefined && !isThenable(result),
    exact: () => args,
  };
  const run = (): unknown => Reflect.apply(fn, self, args);
  return async ? handled(governIn(attempt, operation, async () => run(), report)) : governSyncIn(attempt, operation, run, report);
}

function isAsync(fn: AnyFunction): boolean {
  return Object.prototype.toString.call(fn) === '[object AsyncFunction]';
}

function isThenable(value: unknown): boolean {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
