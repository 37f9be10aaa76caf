import { Connection } from '@temporalio/client';
import { expect, it } from 'vitest';
import { temporalAddress } from './shared-temporal.ts';

it('hands all callers the address of one server', async () => {
  const addresses = await Promise.all([temporalAddress(), temporalAddress()]);
  expect(new Set(addresses).size).toBe(1);
  const connection = await Connection.connect({ address: addresses[0] });
  expect(await connection.workflowService.getSystemInfo({})).toHaveProperty('serverVersion');
  await connection.close();
});
