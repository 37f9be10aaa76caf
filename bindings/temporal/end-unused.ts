import type { Worker } from '@temporalio/worker';

/**
 * Ends a worker that never ran. Temporal knows no other way than to run it. Told to shut down before, it runs no task
 * (the server may still hand it one, which another worker gets once it has timed out), whatever its plugins do around a
 * run. `shutdown()` would refuse: it wants a worker that runs.
 */
export async function endUnused(worker: Worker, run: () => Promise<void>): Promise<void> {
  const { nativeWorker } = worker as unknown as { readonly nativeWorker?: { initiateShutdown?(): void } };
  nativeWorker?.initiateShutdown?.();
  const running = run();
  if (worker.getState() === 'RUNNING') worker.shutdown();
  await running;
}
