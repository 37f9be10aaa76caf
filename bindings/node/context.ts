import { AsyncLocalStorage } from 'node:async_hooks';
import { type Attempt, type ContextStorage, createGate, type Gate, type ProcessSlot, processSlot } from '../../core/index.ts';

/** Follows a call through its awaits. */
export function createContextStorage<T>(): ContextStorage<T> {
  const storage = new AsyncLocalStorage<T>();
  return { run: (value, body) => storage.run(value, body), get: () => storage.getStore() };
}

export function nodeSlot(): ProcessSlot {
  return processSlot(() => createContextStorage<Attempt>());
}

let gate: Gate | undefined;

/** The gate of this process, made when it is first asked: importing does nothing. */
export const nodeGate: Gate = { enter: (route) => (gate ??= createGate(nodeSlot().scopes)).enter(route) };
