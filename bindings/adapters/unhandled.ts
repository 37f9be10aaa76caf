import { OpenBoxError } from '../../core/index.ts';

/** Known to every copy of this package. */
const OURS: unique symbol = Symbol.for('openbox.unhandled');

type Listener = ((reason: unknown) => void) & { readonly [OURS]?: true };

/**
 * Keeps a stop on a promise chain that nobody awaits from ending the process, and with it everybody else's activities:
 * the activity itself fails with it. Every other rejection does what it would have done. Returns what takes it off.
 */
export function guardUnhandled(): () => void {
  // Where a person has chosen what unhandled rejections do, that stays.
  if (/--unhandled-rejections/.test(`${process.execArgv.join(' ')} ${process.env['NODE_OPTIONS'] ?? ''}`)) return () => {};
  const listener: Listener = Object.assign(
    (reason: unknown): void => {
      if (reason instanceof OpenBoxError) return;
      const others = process.listeners('unhandledRejection').filter((each) => (each as Listener)[OURS] !== true);
      // What Node does where nobody listens: it becomes an uncaught exception.
      if (others.length === 0) throw reason;
    },
    { [OURS]: true as const },
  );
  process.on('unhandledRejection', listener);
  return () => void process.off('unhandledRejection', listener);
}
