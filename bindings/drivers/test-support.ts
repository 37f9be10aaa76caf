import { Client, type ClientConfig, Pool, type PoolConfig } from 'pg';
import pgModule from 'pg';
import { onTestFinished } from 'vitest';
import type { OpenBoxOptions } from '../../core/index.ts';
import { postgresUrl } from '../../tools/shared-postgres.ts';
import { type Answering, type Asked, type CannedAnswer, createWorld, type World } from '../adapters/test-support.ts';
import { createPatches } from '../adapters/wrap.ts';
import { pg } from './pg.ts';

export interface PgWorld extends World {
  /** A table of its own for each test: `id int, name text`. */
  readonly table: string;
  connect(config?: ClientConfig): Promise<Client>;
  pool(config?: PoolConfig): Pool;
  /** Another connection's view, outside of every activity. */
  witness(text: string): Promise<unknown[]>;
  names(): Promise<unknown[]>;
  /** Statements asked about at `started`, in order. */
  statements(): unknown[];
  release(): void;
}

/** `pg` on a real server, governed until the test has ended. */
export async function startPg(answer?: Answering, options?: OpenBoxOptions): Promise<PgWorld> {
  const world = createWorld(answer, options);
  const patches = createPatches(world.slot.installed, world.gate);
  pg.install({ patches, gate: world.gate, scopes: world.slot.scopes }, pgModule);
  onTestFinished(patches.release);

  const connectionString = await postgresUrl();
  const open: { end(): Promise<void> }[] = [];
  onTestFinished(async () => void (await Promise.all(open.map((each) => each.end()))));
  const connect = async (config: ClientConfig = {}): Promise<Client> => {
    const client = new Client({ connectionString, ...config });
    open.push(client);
    await client.connect();
    return client;
  };
  const observer = await connect();
  const table = `t${crypto.randomUUID().replaceAll('-', '')}`;
  await observer.query(`CREATE TABLE ${table} (id int, name text)`);
  const witness = async (text: string): Promise<unknown[]> => (await observer.query<unknown[]>({ text, rowMode: 'array' })).rows.flat();
  return {
    ...world,
    table,
    connect,
    pool: (config) => {
      const pool = new Pool({ connectionString, ...config });
      open.push(pool);
      return pool;
    },
    witness,
    names: () => witness(`SELECT name FROM ${table} ORDER BY id`),
    statements: () => world.asked().flatMap(({ step, span }) => (step === 'db_query/started' ? [span['db_statement']] : [])),
    release: patches.release,
  };
}

/** Answers questions about statements that hold the text, at `started` unless said otherwise. */
export const about =
  (part: string, answer: CannedAnswer | Promise<CannedAnswer>, stage = 'started'): Answering =>
  ({ span }: Asked) =>
    span['stage'] === stage && String(span['db_statement']).includes(part) ? answer : undefined;
