import { OpenBoxAuthError, OpenBoxConfigError, OpenBoxError } from '../../core/index.ts';

/** Known to every copy of this package. */
const OURS: unique symbol = Symbol.for('openbox.unhandled');

type Listener = ((reason: unknown) => void) & { readonly [OURS]?: true };

/**
 * Keeps a stop that nobody catches from ending the process, and with it everybody else's activities: the activity itself
 * fails with it. Such are promise chains that nobody awaits, timers and listeners that do something synchronously, streams
 * without a listener for errors. Everything else does what it would have done. Returns what takes it off.
 */
export function guardUnhandled(): () => void {
  const guards = [guardRejections(), guardExceptions()];
  return () => {
    for (const unguard of guards) unguard();
  };
}

function guardExceptions(): () => void {
  const listener: Listener = Object.assign(
    (error: unknown): void => {
      if (isStop(error) || isHeard(process.listeners('uncaughtException'))) return;
      // Where nobody listens the process ends with exit code 1. Later than this, as what a listener throws itself has another.
      process.off('uncaughtException', listener);
      process.nextTick(() => {
        throw error;
      });
    },
    { [OURS]: true as const },
  );
  process.on('uncaughtException', listener);
  return () => void process.off('uncaughtException', listener);
}

function guardRejections(): () => void {
  // Where a person has chosen what unhandled rejections do, that stays.
  if (/--unhandled-rejections/.test(`${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`)) return () => {};
  const listener: Listener = Object.assign(
    (reason: unknown): void => {
      if (isStop(reason) || isHeard(process.listeners('unhandledRejection'))) return;
      // What Node does where nobody listens: it becomes an uncaught exception.
      throw reason;
    },
    { [OURS]: true as const },
  );
  process.on('unhandledRejection', listener);
  return () => void process.off('unhandledRejection', listener);
}

/** A start that fails belongs to no activity that would fail with it. A refused key may be either, and counts as a stop. */
function isStop(error: unknown): boolean {
  return error instanceof OpenBoxError && (error instanceof OpenBoxAuthError || !(error instanceof OpenBoxConfigError));
}

/** Whether somebody else listens. */
function isHeard(listeners: readonly unknown[]): boolean {
  return listeners.some((each) => (each as Partial<Listener>)[OURS] !== true);
}
