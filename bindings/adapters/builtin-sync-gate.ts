import type { Config, Logger, SyncGate } from '../../core/index.ts';
import { createSyncGate } from './sync-gate.ts';
import type { ThreadEntry } from './thread-entry.ts';

/** The sync gate of a runtime with Node's built-in modules; undefined, and said so, where the process may start no threads. */
export function openBuiltinSyncGate(config: Config, sdkId: string, logger: Logger, entry: ThreadEntry, exists: (url: URL) => boolean): SyncGate | undefined {
  // Absent without `--permission`, and in the types of Node 20.
  const { permission } = process as { permission?: { has(scope: string): boolean } };
  if (permission?.has('worker') === false) {
    logger.warn('Synchronous operations cannot be asked about: the permission model refuses threads; start Node with --allow-worker');
    return undefined;
  }
  return createSyncGate(config, sdkId, {
    threads: process.getBuiltinModule('node:worker_threads'),
    entry,
    exists,
    env: () => process.env,
    outside: process.getBuiltinModule('node:async_hooks').AsyncLocalStorage.snapshot(),
  });
}
