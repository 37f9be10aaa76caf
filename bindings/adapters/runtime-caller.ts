import type { AnyFunction } from './imitate.ts';

type Site = Pick<NodeJS.CallSite, 'getFileName'>;

/**
 * Whether a function that is on the stack was called right from a script with such a name; for V8, by its own record of
 * the stack. Where that cannot be read the answer is no. A script that takes such a name on purpose is believed.
 */
export function calledFrom(names: RegExp): (called: AnyFunction) => boolean {
  return (called) => {
    const { prepareStackTrace, stackTraceLimit } = Error;
    const record: { stack?: unknown } = {};
    try {
      Error.stackTraceLimit = 1;
      Error.prepareStackTrace = (_error, sites) => sites;
      Error.captureStackTrace(record, called);
      const [site] = record.stack as [Site?];
      return names.test(site?.getFileName() ?? '');
    } catch {
      return false;
    } finally {
      Error.stackTraceLimit = stackTraceLimit;
      Error.prepareStackTrace = prepareStackTrace;
    }
  };
}
