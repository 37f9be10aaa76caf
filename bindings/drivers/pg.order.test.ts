import { describe, expect, test } from 'vitest';
import { GovernanceBlockedError } from '../../core/index.ts';
import { ALLOW, BLOCK, deferred } from '../adapters/test-support.ts';
import { about, startPg } from './test-support.ts';

describe('queries on one client that nobody awaits', () => {
  test('are asked about in parallel and run in their order', async () => {
    const first = deferred<typeof ALLOW>();
    const last = deferred();
    const world = await startPg((asked) => {
      if (asked.step === 'db_query/started' && world.statements().length === 3) last.resolve();
      return about('CREATE', first.promise)(asked);
    });
    const client = await world.connect();
    await world.activity(async () => {
      const running = ['CREATE TEMP TABLE x (a int)', 'INSERT INTO x VALUES (1)', 'SELECT a FROM x'].map((text) => client.query(text));
      await last.promise;
      first.resolve(ALLOW);
      expect((await Promise.all(running)).at(-1)?.rows).toEqual([{ a: 1 }]);
    });
  });

  test('outside of activities stay behind those that wait', async () => {
    const answer = deferred<typeof ALLOW>();
    const asked = deferred();
    const world = await startPg((question) => {
      if (question.step === 'db_query/started') asked.resolve();
      return about('INSERT', answer.promise)(question);
    });
    const client = await world.connect();
    const running = world.activity(() => client.query(`INSERT INTO ${world.table} VALUES (1, 'a')`));
    await asked.promise;
    const called = deferred<unknown>();
    client.query(`SELECT name FROM ${world.table}`, (_, { rows }) => called.resolve(rows));
    const outside = client.query(`SELECT count(*)::int AS n FROM ${world.table}`);
    answer.resolve(ALLOW);
    expect([await called.promise, (await outside).rows]).toEqual([[{ name: 'a' }], [{ n: 1 }]]);
    await running;
    expect(world.statements()).toHaveLength(1);
  });

  test('a blocked one holds up nobody, and what its activity had waiting behind it does not run', async () => {
    const answer = deferred<typeof ALLOW>();
    const two = deferred();
    const world = await startPg((asked) => {
      if (asked.step === 'db_query/started' && world.statements().length === 2) two.resolve();
      return about('(1', answer.promise)(asked);
    });
    const client = await world.connect();
    const blocked = world.activity(async () => {
      const running = [1, 2].map((id) => client.query(`INSERT INTO ${world.table} VALUES (${id}, 'a')`));
      await two.promise;
      answer.resolve(BLOCK);
      expect((await Promise.allSettled(running)).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    });
    await two.promise;
    const other = world.activity(() => client.query(`INSERT INTO ${world.table} VALUES (3, 'b')`));
    await expect(blocked).rejects.toThrow(GovernanceBlockedError);
    await other;
    expect(await world.names()).toEqual(['b']);
  });
});

describe('a transaction', () => {
  test('can be rolled back after a block, and nothing else runs in it', async () => {
    const world = await startPg(about(`'b'`, BLOCK));
    const pool = world.pool({ max: 1 });
    const after: unknown[] = [];
    const running = world.activity(async () => {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        await client.query(`INSERT INTO ${world.table} VALUES (1, 'a')`);
        await client.query(`INSERT INTO ${world.table} VALUES (2, 'b')`);
      } catch (error) {
        after.push(await client.query('COMMIT').catch(() => 'refused'));
        after.push((await client.query('ROLLBACK')).command);
        throw error;
      } finally {
        client.release();
      }
    });
    await expect(running).rejects.toThrow(GovernanceBlockedError);
    expect(after).toEqual(['refused', 'ROLLBACK']);
    expect(await world.names()).toEqual([]);
    // The connection went back to the pool without an open transaction.
    expect((await pool.query('SELECT now() = statement_timestamp() AS fresh')).rows).toEqual([{ fresh: true }]);
    expect([pool.totalCount, pool.idleCount]).toEqual([1, 1]);
  });

  test('is asked about like anything else where nothing was blocked', async () => {
    const world = await startPg();
    const client = await world.connect();
    await world.activity(async () => {
      await client.query('BEGIN');
      await client.query('ROLLBACK');
    });
    expect(world.asked().map(({ step, span }) => [step, span['db_operation']])).toEqual([
      ['db_query/started', 'BEGIN'], ['db_query/completed', 'BEGIN'], ['db_query/started', 'ROLLBACK'], ['db_query/completed', 'ROLLBACK'],
    ]);
  });

  test('can be rolled back when the activity was cancelled, or the roll back itself is blocked', async () => {
    const world = await startPg(about('ROLLBACK', BLOCK));
    const client = await world.connect();
    const cancel = new AbortController();
    await expect(
      world.activity(
        async () => {
          await client.query('BEGIN');
          await client.query(`INSERT INTO ${world.table} VALUES (1, 'a')`);
          cancel.abort(new Error('cancelled'));
          await client.query('ROLLBACK');
          expect((await client.query('SELECT 1').catch((error: Error) => error.message))).toMatch('cancelled');
        },
        { signal: cancel.signal },
      ),
    ).resolves.toBeUndefined();
    await client.query('COMMIT');
    const blocked = world.activity(async () => {
      await client.query('BEGIN');
      await client.query(`INSERT INTO ${world.table} VALUES (2, 'b')`);
      await client.query('ROLLBACK; COMMIT').catch(() => undefined);
      await client.query('ROLLBACK');
    });
    await expect(blocked).rejects.toThrow(GovernanceBlockedError);
    await client.query('COMMIT');
    expect(await world.names()).toEqual([]);
  });
});

describe('a pool', () => {
  test('is one operation a query, connecting included, whether by promise or callback (fault: statement-asked-by-layer)', async () => {
    const world = await startPg();
    const pool = world.pool();
    const rows = await world.activity(async () => {
      const called = deferred<unknown>();
      const first = await pool.query('SELECT $1::int AS n', [1]);
      pool.query('SELECT $1::int AS n', [2], (_, result) => called.resolve(result.rows));
      return [first.rows, await called.promise];
    });
    expect(rows).toEqual([[{ n: 1 }], [{ n: 2 }]]);
    expect(world.steps()).toEqual(['db_query/started', 'db_query/completed', 'db_query/started', 'db_query/completed']);
  });

  test('does not run what is blocked', async () => {
    const world = await startPg(about('INSERT', BLOCK));
    const pool = world.pool();
    await expect(world.activity(() => pool.query(`INSERT INTO ${world.table} VALUES (1, 'a')`))).rejects.toThrow(GovernanceBlockedError);
    expect(await world.names()).toEqual([]);
  });

  test('keeps apart the activities, and what is in none, that wait for its one connection', async () => {
    const world = await startPg(undefined, { unattributed: 'report' });
    const pool = world.pool({ max: 1 });
    const held = deferred();
    const waiting = deferred();
    const first = world.activity(async () => {
      const client = await pool.connect();
      held.resolve();
      await waiting.promise;
      await client.query(`SELECT 'first'`);
      client.release();
    });
    await held.promise;
    const second = world.activity(async () => {
      const running = pool.query(`SELECT 'second'`);
      waiting.resolve();
      await running;
      await pool.query(`SELECT 'second again'`);
    });
    const outside = pool.query(`SELECT 'outside'`);
    await Promise.all([first, second, outside]);
    const activities = world.asked().flatMap(({ step, event, span }) => (step === 'db_query/started' ? [`${String(event['activity_id'])} ${String(span['db_statement'])}`] : []));
    expect(activities).toEqual([`1 SELECT 'first'`, `2 SELECT 'second'`, `2 SELECT 'second again'`]);
  });

  test('calls back in the context of whoever called', async () => {
    const world = await startPg();
    const pool = world.pool({ max: 1 });
    await world.activity(() => pool.query('SELECT 1'));
    await world.activity(async () => {
      const done = deferred<unknown>();
      pool.query('SELECT 2', () => void pool.query('SELECT 3').then(done.resolve));
      await done.promise;
    });
    expect(world.asked().map(({ event }) => event['activity_id'])).toEqual(['1', '1', '2', '2', '2', '2']);
  });
});
