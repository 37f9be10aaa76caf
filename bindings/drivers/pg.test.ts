import { once } from 'node:events';
import { Client, Query, type QueryConfig } from 'pg';
import { describe, expect, test } from 'vitest';
import { type ApprovalPendingError, createGrants, GovernanceBlockedError, GovernanceHaltError } from '../../core/index.ts';
import { ALLOW, BLOCK, deferred } from '../adapters/test-support.ts';
import { about, startPg } from './test-support.ts';

describe('a query', () => {
  test('is asked about and told, with the fields of the contract', async () => {
    const world = await startPg();
    const client = await world.connect({ application_name: 'x' });
    const text = `/* a note */ SELECT name FROM ${world.table} WHERE id > $1`;
    const { rows } = await world.activity(() => client.query(text, [5]));
    expect(rows).toEqual([]);
    const [started, completed] = world.asked().map(({ span }) => span);
    const fields = {
      hook_type: 'db_query', kind: 'CLIENT', name: 'SELECT', db_system: 'postgresql', db_name: 'postgres', db_operation: 'SELECT', db_statement: text,
      server_address: '127.0.0.1', server_port: client.port,
    };
    expect(started).toMatchObject({ ...fields, stage: 'started', rowcount: null });
    expect(completed).toMatchObject({ ...fields, stage: 'completed', rowcount: 0, error: null });
  });

  test('that is blocked never reaches the database', async () => {
    const world = await startPg(about('INSERT', BLOCK));
    const client = await world.connect();
    await expect(world.activity(() => client.query(`INSERT INTO ${world.table} VALUES (1, 'a')`))).rejects.toThrow(GovernanceBlockedError);
    expect(await world.names()).toEqual([]);
    expect(world.steps()).toEqual(['db_query/started']);
  });

  test('answers a callback in each place it may stand, once its end is answered', async () => {
    const world = await startPg();
    const client = await world.connect();
    const forms: ((done: (error: Error | null, result: { rows: unknown[] }) => void) => unknown)[] = [
      (done) => client.query('SELECT 1 AS n', done),
      (done) => client.query('SELECT $1::int AS n', [1], done),
      (done) => client.query({ text: 'SELECT 1 AS n', values: [] }, done),
      (done) => Reflect.apply(client.query, client, [{ text: 'SELECT $1::int AS n' }, [1], done]) as unknown,
      (done) => client.query({ text: 'SELECT 1 AS n', callback: done } as QueryConfig),
    ];
    await world.activity(async () => {
      for (const form of forms) {
        const before = world.asked().length;
        const called = deferred<unknown[]>();
        const returned = form((error, { rows }) => called.resolve([error, rows, world.asked().length - before]));
        if (returned !== undefined) await returned;
        expect(await called.promise).toEqual([null, [{ n: 1 }], 2]);
      }
    });
    expect(world.steps()).toHaveLength(2 * forms.length);
  });

  test('gives its block to the callback', async () => {
    const world = await startPg(about('DELETE', BLOCK));
    const client = await world.connect();
    const called = deferred<unknown>();
    const running = world.activity(async () => {
      client.query(`DELETE FROM ${world.table}`, (error) => called.resolve(error));
      await called.promise;
    });
    expect(await called.promise).toBeInstanceOf(GovernanceBlockedError);
    await expect(running).rejects.toThrow(GovernanceBlockedError);
  });

  test('that is prepared is asked about each time, also by its name alone', async () => {
    const world = await startPg();
    const client = await world.connect();
    const text = 'SELECT $1::int + 1 AS n';
    const rows = await world.activity(async () => {
      const first = await client.query({ name: 'add', text, values: [1] });
      const second = await client.query({ name: 'add', text, values: [2] });
      const third = await client.query({ name: 'add', values: [3] } as unknown as QueryConfig);
      return [first, second, third].flatMap((result) => result.rows as unknown[]);
    });
    expect(rows).toEqual([{ n: 2 }, { n: 3 }, { n: 4 }]);
    expect(world.statements()).toEqual([text, text, text]);
  });

  test('that is prepared is told by its statement in every form a name may come in', async () => {
    const world = await startPg();
    const client = await world.connect();
    const text = 'SELECT $1::int + 1 AS n';
    await world.activity(async () => {
      const unseen = [{ text }, {}].map((query) => client.query({ name: 'add', values: [1], ...query } as unknown as QueryConfig));
      expect((await Promise.all(unseen)).flatMap((result) => result.rows as unknown[])).toEqual([{ n: 2 }, { n: 2 }]);
      expect((await client.query({ name: 'add', text: '', values: [3] })).rows).toEqual([{ n: 4 }]);
      const submitted = client.query(new Query({ name: 'add', values: [4] } as unknown as QueryConfig));
      const [row] = (await once(submitted, 'row')) as [unknown];
      expect(row).toEqual({ n: 5 });
      await once(submitted, 'end');
    });
    expect(world.statements()).toEqual([text, text, text, text]);
  });

  test('keeps its options', async () => {
    const world = await startPg();
    const client = await world.connect();
    await world.activity(async () => {
      const query: QueryConfig & { rowMode: 'array' } = { text: 'SELECT 1, 2', rowMode: 'array' };
      expect((await client.query(query)).rows).toEqual([[1, 2]]);
      const slow = { text: 'SELECT pg_sleep(20)', query_timeout: 50 } as QueryConfig;
      await expect(client.query(slow)).rejects.toThrow('Query read timeout');
    });
    expect(world.asked().at(-1)?.span).toMatchObject({ stage: 'completed', error: 'Query read timeout' });
  });

  test('may be of a class with getters', async () => {
    const world = await startPg();
    const client = await world.connect();
    let reads = 0;
    class Statement {
      readonly values = [7];
      get text(): string {
        reads++;
        return 'SELECT $1::int AS n';
      }
    }
    expect((await world.activity(() => client.query(new Statement()))).rows).toEqual([{ n: 7 }]);
    expect(reads).toBe(1);
  });

  test('runs as it was at the call, whatever becomes of its parts meanwhile', async () => {
    const asked = deferred();
    const answer = deferred<typeof ALLOW>();
    const world = await startPg((question) => {
      if (question.step === 'db_query/started') asked.resolve();
      return about('INSERT', answer.promise)(question);
    });
    const client = await world.connect();
    const bytes = Buffer.from('right');
    const point = { kind: 'right' };
    const date = new Date(0);
    const list = ['right'];
    const typed = { inner: 'right', toPostgres(prepare: (value: unknown) => string) { return `${prepare(new Date(0)).slice(-6)} ${this.inner}`; } };
    const config = {
      text: `INSERT INTO ${world.table} VALUES (1, encode($1::bytea, 'escape')), (2, $2::json->>'kind'), (3, extract(epoch from $3::timestamptz)::text), (4, ($4::text[])[1]), (5, right($5::text, 5)), (6, encode(($6::bytea[])[1], 'escape'))`,
      values: [bytes, point, date, list, typed, [bytes]] as unknown[],
    };
    await world.activity(async () => {
      const running = client.query(config);
      await asked.promise;
      config.text = `DELETE FROM ${world.table}`;
      bytes.write('wrong');
      point.kind = 'wrong';
      date.setTime(1e12);
      list[0] = 'wrong';
      typed.inner = 'wrong';
      config.values.length = 0;
      answer.resolve(ALLOW);
      expect((await running).rowCount).toBe(6);
    });
    expect((await world.names()).map((name) => String(name).replace(/\.0+$/, ''))).toEqual(['right', 'right', '0', 'right', 'right', 'right']);
  });

  test('that brings rows is withheld where its end is blocked (fault: statement-block-swallowed)', async () => {
    const world = await startPg(about('SELECT', BLOCK, 'completed'));
    const client = await world.connect();
    let seen: unknown;
    const running = world.activity(async () => (seen = await client.query(`SELECT 'secret'`)));
    await expect(running).rejects.toThrow(GovernanceBlockedError);
    expect(seen).toBeUndefined();
  });

  test('that brings rows is withheld under fail_closed, where Core is down at its end (fault: statement-end-unanswered-passes)', async () => {
    const world = await startPg(about('SELECT', { status: 500 }, 'completed'), { governancePolicy: 'fail_closed' });
    const client = await world.connect();
    let seen: unknown;
    const running = world.activity(async () => (seen = await client.query(`SELECT 'secret'`)));
    await expect(running).rejects.toThrow(GovernanceHaltError);
    expect(seen).toBeUndefined();
  });

  test('has a span of its own, below its activity (fault: statements-share-a-span)', async () => {
    const world = await startPg();
    const client = await world.connect();
    await world.activity(async () => {
      for (const n of [1, 2]) await client.query('SELECT $1::int', [n]);
    });
    const [first, told, second, toldToo] = world.asked().map(({ span }) => span['span_id']);
    expect([told, toldToo]).toEqual([first, second]);
    expect(second).not.toBe(first);
    for (const { span } of world.asked()) expect(span['parent_span_id']).toMatch(/^[0-9a-f]{16}$/u);
  });

  test('that brings no rows does not wait for the answer to its end', async () => {
    const answer = deferred<typeof ALLOW>();
    const world = await startPg(about('INSERT', answer.promise, 'completed'));
    const client = await world.connect();
    await world.activity(async () => {
      const { rowCount } = await client.query(`INSERT INTO ${world.table} VALUES (1, 'a'), (2, 'b')`);
      expect(rowCount).toBe(2);
      answer.resolve(ALLOW);
      const returning = await client.query(`UPDATE ${world.table} SET name = 'c' RETURNING id`);
      expect(returning.rows).toHaveLength(2);
    });
    expect(world.asked().map(({ span }) => [span['db_operation'], span['rowcount']])).toEqual([
      ['INSERT', null], ['INSERT', 2], ['UPDATE', null], ['UPDATE', 2],
    ]);
  });

  test('of several statements is one operation, an empty one too', async () => {
    const world = await startPg();
    const client = await world.connect();
    const results = await world.activity(async () => {
      await client.query('');
      return client.query(`INSERT INTO ${world.table} VALUES (1, 'a'); SELECT * FROM ${world.table}`);
    });
    expect(results).toHaveLength(2);
    expect(world.asked().map(({ span }) => [span['db_operation'], span['rowcount']])).toEqual([
      ['UNKNOWN', null], ['UNKNOWN', null], ['INSERT', null], ['INSERT', 2],
    ]);
  });

  test('that fails says so, and a value that cannot be sent too (fault: failed-statement-untold)', async () => {
    const world = await startPg();
    const client = await world.connect();
    const cyclic: Record<string, unknown> = {};
    cyclic['self'] = cyclic;
    await world.activity(async () => {
      await expect(client.query('SELECT * FROM nowhere')).rejects.toMatchObject({ code: '42P01' });
      await expect(client.query('SELECT $1', [cyclic])).rejects.toThrow('circular');
      expect(() => client.query(null as unknown as string)).toThrow(TypeError);
      expect(() => client.query('SELECT 1', [], 5 as never)).toThrow('callback is not a function');
      expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    });
    expect(world.asked()[1]?.span).toMatchObject({ stage: 'completed', error: 'relation "nowhere" does not exist', rowcount: null, status: { code: 'ERROR' } });
  });

  test('that a human has granted runs, and no other with it', async () => {
    const world = await startPg(about('INSERT', { json: { verdict: 'require_approval', reason: 'look' } }));
    const client = await world.connect();
    const insert = (name: string) => (): Promise<unknown> => client.query(`INSERT INTO ${world.table} VALUES (1, $1)`, [name]);
    const parked = await world.activity(insert('a'), { approval: 'elsewhere' }).catch((error: unknown) => error);
    const { pending } = parked as ApprovalPendingError;
    expect(await world.names()).toEqual([]);
    const granted = (): object => ({ approval: 'elsewhere', grants: createGrants(pending) });
    await expect(world.activity(insert('b'), granted())).rejects.toThrow('Approval required');
    await world.activity(insert('a'), granted());
    expect(await world.names()).toEqual(['a']);
  });
});

describe('outside of governance', () => {
  test('nothing is asked, and the very original runs', async () => {
    const { query } = Client.prototype;
    const world = await startPg(() => BLOCK);
    expect(Client.prototype.query).not.toBe(query);
    const client = await world.connect();
    expect((await client.query('SELECT 1 AS n')).rows).toEqual([{ n: 1 }]);
    expect(world.asked()).toEqual([]);
    world.release();
    expect(Client.prototype.query).toBe(query);
  });

  test.each([{ instrumentDatabases: false }, { dbLibraries: ['redis'] }])('an activity that wants it otherwise is not asked: %j', async (options) => {
    const world = await startPg(() => BLOCK, { ...options, sendActivityStartEvent: false });
    const client = await world.connect();
    await world.activity(() => client.query(`INSERT INTO ${world.table} VALUES (1, 'a')`)).catch(() => undefined);
    expect(await world.names()).toEqual(['a']);
    expect(world.asked()).toEqual([]);
  });

  test('where unattributed queries are denied, each form is told in its way', async () => {
    const world = await startPg(undefined, { unattributed: 'deny' });
    const client = await world.connect();
    const pool = world.pool();
    const insert = `INSERT INTO ${world.table} VALUES (1, 'a')`;
    await world.activity(async () => {
      const outside = <R>(body: () => R): R => world.governor.scopes.storage.run(undefined, body);
      await expect(outside(() => client.query(insert))).rejects.toThrow(GovernanceBlockedError);
      await expect(outside(() => pool.query(insert))).rejects.toThrow(GovernanceBlockedError);
    });
    expect(await world.names()).toEqual([]);
  });
});
