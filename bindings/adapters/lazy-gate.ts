import { createGate, type Gate, type ProcessSlot } from '../../core/index.ts';

/** The gate of this process, made when it is first asked: importing does nothing. */
export function lazyGate(slot: () => ProcessSlot): Gate {
  let gate: Gate | undefined;
  return { enter: (route) => (gate ??= createGate(slot().scopes)).enter(route) };
}
