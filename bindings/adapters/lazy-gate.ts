import { createGate, type Gate, OpenBoxConfigError, type ProcessSlot } from '../../core/index.ts';
import { lineLogger } from './line-logger.ts';

/**
 * The gate of this process, made when it is first asked: importing does nothing. Where the slot belongs to a copy of this
 * package that does not fit, calls through this one go unasked and that is said once: the application goes on.
 */
export function lazyGate(slot: () => ProcessSlot): Gate {
  let gate: Gate | undefined;
  return { enter: (...call) => (gate ??= openGate(slot)).enter(...call) };
}

function openGate(slot: () => ProcessSlot): Gate {
  try {
    return createGate(slot().scopes);
  } catch (error) {
    if (!(error instanceof OpenBoxConfigError)) throw error;
    // oxlint-disable-next-line no-console -- nothing has been started here that would have a logger
    const logger = lineLogger((line) => console.warn(line.trimEnd()));
    logger.warn(`${error.message}. What this one would govern runs unasked`);
    return { enter: () => undefined };
  }
}
