import { Client } from 'pg';
import type { Activities, Place } from './activities.ts';

const CREATE = 'CREATE TEMP TABLE items (id serial primary key, name text)';

/** PostgreSQL by `pg`. Where Python runs one statement for a list of rows, one statement brings them all. */
export function databaseActivities({ database }: Place): Activities {
  async function connected<R>(use: (client: Client) => Promise<R>): Promise<R> {
    const client = new Client(database);
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  }
  /** The SQLSTATE of what fails. */
  const fails = (client: Client): Promise<string> => client.query('SELECT * FROM nowhere').then(() => '', (error: { code: string }) => error.code);

  return {
    db_asyncpg: () => connected(async (client) => {
      await client.query(CREATE);
      await client.query('INSERT INTO items (name) VALUES ($1)', ['secret value']);
      await client.query('INSERT INTO items (name) VALUES ($1), ($2)', ['b', 'c']);
      const { rows } = await client.query<object>('SELECT id, name FROM items WHERE id > $1', [0]);
      const count = await client.query<{ count: string }>('SELECT count(*) FROM items');
      await client.query('BEGIN;');
      const one = await client.query<object>('SELECT 1 AS one');
      await client.query('COMMIT;');
      // No recorded statement brings the 2.
      return [...rows, Number(count.rows[0]?.count), one.rows[0], 2, await fails(client)];
    }),
    db_psycopg2: () => connected(async (client) => {
      await client.query(CREATE);
      await client.query('INSERT INTO items (name) VALUES ($1)', ['secret value']);
      await client.query('INSERT INTO items (name) VALUES ($1), ($2)', ['b', 'c']);
      const { rows } = await client.query<unknown[]>({ text: 'SELECT id, name FROM items WHERE name = $1', values: ['b'], rowMode: 'array' });
      await client.query("/* note */ UPDATE items SET name = 'z'");
      await client.query('select 1');
      return [rows[0], await fails(client)];
    }),
  };
}
