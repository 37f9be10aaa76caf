import { NativeConnection, Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { temporalAddress } from './shared-temporal.ts';

// Acts by being imported.
await import('./without-cache.ts');

it('leaves no worker a cache, whatever its options', async () => {
  const connection = await NativeConnection.connect({ address: await temporalAddress() });
  const worker = await Worker.create({ connection, taskQueue: 'without-cache', activities: { idle: async () => {} }, maxCachedWorkflows: 10 });
  expect(worker.options.maxCachedWorkflows).toBe(0);
  await worker.runUntil(Promise.resolve());
  await connection.close();
});
