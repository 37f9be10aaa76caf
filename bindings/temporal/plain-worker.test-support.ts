import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll } from 'vitest';
import { plainBundle, unique, type World } from './test-support.ts';

/** For the tests of a file, a worker of workflows without our interceptors: another language's, say. Returns its task queue. */
export function testPlainWorker(world: World): string {
  const taskQueue = unique('plain');
  let worker: Worker;
  let running: Promise<void>;
  beforeAll(async () => {
    worker = await Worker.create({ connection: world.connection, taskQueue, workflowBundle: await plainBundle() });
    running = worker.run();
  });
  afterAll(async () => {
    worker.shutdown();
    await running;
  });
  return taskQueue;
}
