import { once } from 'node:events';
import { Query, type QueryResult } from 'pg';
import Cursor from 'pg-cursor';
import QueryStream from 'pg-query-stream';
import { describe, expect, test } from 'vitest';
import { GovernanceBlockedError } from '../../core/index.ts';
import { ALLOW, BLOCK, deferred } from '../adapters/test-support.ts';
import { about, startPg } from './test-support.ts';

const SERIES = 'SELECT n FROM generate_series(1, $1) AS n ORDER BY n';
const ns = (rows: readonly unknown[]): unknown[] => rows.map((row) => (row as { n: unknown }).n);

describe('a cursor', () => {
  test('is returned at once and read as ever; its end is told when it is exhausted', async () => {
    const world = await startPg();
    const client = await world.connect();
    await world.activity(async () => {
      const cursor = new Cursor(SERIES, [5]);
      expect(client.query(cursor)).toBe(cursor);
      expect(ns(await cursor.read(2))).toEqual([1, 2]);
      const called = deferred<unknown[]>();
      cursor.read(2, (_, rows) => called.resolve(rows));
      expect(ns(await called.promise)).toEqual([3, 4]);
      expect(world.steps()).toEqual(['db_query/started']);
      expect(ns(await cursor.read(2))).toEqual([5]);
      expect(world.steps()).toEqual(['db_query/started', 'db_query/completed']);
      expect(await cursor.read(2)).toEqual([]);
      await cursor.close();
      expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    });
    expect(world.asked()[1]?.span).toMatchObject({ db_operation: 'SELECT', rowcount: 5, error: null });
  });

  test('that is blocked reaches nothing; its reader gets the block', async () => {
    const world = await startPg(about('INSERT', BLOCK));
    const client = await world.connect();
    const running = world.activity(async () => {
      const cursor = client.query(new Cursor(`INSERT INTO ${world.table} VALUES (1, 'a') RETURNING id`));
      await expect(cursor.read(1)).rejects.toThrow(GovernanceBlockedError);
      await expect(cursor.read(1)).rejects.toThrow(GovernanceBlockedError);
      await cursor.close();
    });
    await expect(running).rejects.toThrow(GovernanceBlockedError);
    expect(await world.names()).toEqual([]);
  });

  test('withholds its last rows where its end is blocked', async () => {
    const world = await startPg(about('SELECT', BLOCK, 'completed'));
    const client = await world.connect();
    const running = world.activity(async () => {
      const cursor = client.query(new Cursor(SERIES, [3]));
      expect(ns(await cursor.read(2))).toEqual([1, 2]);
      await expect(cursor.read(2)).rejects.toThrow(GovernanceBlockedError);
    });
    await expect(running).rejects.toThrow(GovernanceBlockedError);
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
  });

  test('ends where it is closed early, and where the database says no', async () => {
    const world = await startPg();
    const client = await world.connect();
    await world.activity(async () => {
      const cursor = client.query(new Cursor(SERIES, [9]));
      await cursor.read(4);
      await cursor.close();
      await expect(client.query(new Cursor('SELECT * FROM nowhere')).read(1)).rejects.toThrow('nowhere');
    });
    expect(world.asked().flatMap(({ span }) => (span['stage'] === 'completed' ? [[span['rowcount'], span['error']]] : []))).toEqual([
      [4, null], [null, 'relation "nowhere" does not exist'],
    ]);
  });

  test('that is closed before it was sent is not sent', async () => {
    const answer = deferred<typeof ALLOW>();
    const world = await startPg(about('INSERT', answer.promise));
    const client = await world.connect();
    await world.activity(async () => {
      const cursor = client.query(new Cursor(`INSERT INTO ${world.table} VALUES (1, 'a') RETURNING id`));
      await cursor.close();
      answer.resolve(ALLOW);
      await client.query('SELECT 1');
    });
    expect(await world.names()).toEqual([]);
  });

  test('that is left open is closed with its activity, and the client goes on', async () => {
    const world = await startPg();
    const client = await world.connect();
    const cursor = await world.activity(async () => {
      const left = client.query(new Cursor(SERIES, [1000]));
      await left.read(10);
      return left;
    });
    expect(world.asked().at(-1)?.span).toMatchObject({ stage: 'completed', rowcount: 10 });
    await expect(cursor.read(1)).rejects.toThrow('The activity ended before this cursor was read to its end');
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
  });

  test('runs as it was at the call', async () => {
    const answer = deferred<typeof ALLOW>();
    const world = await startPg(about('SELECT', answer.promise));
    const client = await world.connect();
    await world.activity(async () => {
      const cursor = client.query(new Cursor(SERIES, [3]));
      Object.assign(cursor, { text: 'SELECT 666 AS n', values: null });
      answer.resolve(ALLOW);
      expect(ns(await cursor.read(10))).toEqual([1, 2, 3]);
    });
  });
});

describe('a stream', () => {
  test('gives its rows and is told at its end', async () => {
    const world = await startPg();
    const pool = world.pool({ max: 1 });
    const rows = await world.activity(async () => {
      const client = await pool.connect();
      const seen: unknown[] = [];
      for await (const row of client.query(new QueryStream(SERIES, [250], { batchSize: 100 }))) seen.push(row);
      client.release();
      return seen;
    });
    expect(rows).toHaveLength(250);
    expect(world.asked().map(({ step, span }) => [step, span['rowcount']])).toEqual([['db_query/started', null], ['db_query/completed', 250]]);
  });

  test('that is blocked, at its start or its end, breaks', async () => {
    for (const stage of ['started', 'completed']) {
      const world = await startPg(about('generate_series', BLOCK, stage));
      const client = await world.connect();
      let ended = false;
      const running = world.activity(async () => {
        for await (const _ of client.query(new QueryStream(SERIES, [3])));
        ended = true;
      });
      await expect(running).rejects.toThrow(GovernanceBlockedError);
      expect(ended).toBe(false);
      expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    }
  });

  test('whose reader stops early, or whose activity ends, is told', async () => {
    const world = await startPg();
    const client = await world.connect();
    const left = await world.activity(async () => {
      for await (const _ of client.query(new QueryStream(SERIES, [250]))) break;
      const stream = client.query(new QueryStream(SERIES, [250]));
      await once(stream, 'readable');
      return stream;
    });
    expect(world.steps()).toEqual(['db_query/started', 'db_query/completed', 'db_query/started', 'db_query/completed']);
    if (!left.closed) await once(left, 'close');
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
  });
});

describe('a query object', () => {
  test('keeps its events, and its end waits for Core', async () => {
    const world = await startPg();
    const client = await world.connect();
    await world.activity(async () => {
      const query = new Query(SERIES, [3]);
      const rows: unknown[] = [];
      query.on('row', (row) => rows.push(row));
      expect(client.query(query)).toBe(query);
      const [result] = (await once(query, 'end')) as [QueryResult];
      expect([ns(rows), result.command, world.steps()]).toEqual([[1, 2, 3], 'SELECT', ['db_query/started', 'db_query/completed']]);
    });
    expect(world.asked()[1]?.span['rowcount']).toBe(3);
  });

  test('takes a callback', async () => {
    const world = await startPg(about(`'blocked'`, BLOCK));
    const client = await world.connect();
    const call = (text: string): Promise<unknown> =>
      new Promise((resolve) => {
        const query = Object.assign(new Query(text), { callback: (error: unknown, result: QueryResult) => resolve(error ?? result.rows) });
        client.query(query);
      });
    await expect(
      world.activity(async () => {
        expect(await call('SELECT 1 AS n')).toEqual([{ n: 1 }]);
        expect(await call('SELECT nothing')).toMatchObject({ code: '42703' });
        expect(await call(`SELECT 'blocked'`)).toBeInstanceOf(GovernanceBlockedError);
      }),
    ).rejects.toThrow(GovernanceBlockedError);
  });

  test('emits its block', async () => {
    for (const stage of ['started', 'completed']) {
      const world = await startPg(about('generate_series', BLOCK, stage));
      const client = await world.connect();
      const running = world.activity(async () => {
        const query = client.query(new Query(SERIES, [1]));
        const [error] = (await once(query, 'error')) as [unknown];
        expect(error).toBeInstanceOf(GovernanceBlockedError);
      });
      await expect(running).rejects.toThrow(GovernanceBlockedError);
    }
  });
});
