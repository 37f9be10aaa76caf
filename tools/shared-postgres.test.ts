import { Client } from 'pg';
import { expect, it } from 'vitest';
import { postgresUrl } from './shared-postgres.ts';

it('hands all callers the URL of one server', async () => {
  const urls = await Promise.all([postgresUrl(), postgresUrl()]);
  expect(new Set(urls).size).toBe(1);
  const client = new Client(urls[0]);
  await client.connect();
  expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await client.end();
});
