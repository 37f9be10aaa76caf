import { Client } from 'pg';

const NAME = 'shop';

/** Makes the database that the recorded activities use on a PostgreSQL server, and returns its URL. */
export async function openShop(server: string): Promise<string> {
  const client = new Client(server);
  await client.connect();
  try {
    await client.query(`DROP DATABASE IF EXISTS ${NAME} WITH (FORCE)`);
    await client.query(`CREATE DATABASE ${NAME}`);
  } finally {
    await client.end();
  }
  return new URL(NAME, server).href;
}
