import { expect, onTestFinished, test } from 'vitest';
import { startLocalCore } from '../../conformance/testing.ts';
import { root } from '../../tools/command.ts';
import { printedBy } from '../../tools/printed-by.ts';
import { postgresUrl } from '../../tools/shared-postgres.ts';

const PROGRAM = `
const [runtime, when, url, coreUrl, key] = process.argv.slice(2);
const { createOpenBox } = await import(${JSON.stringify(root)} + 'bindings/' + runtime + '/index.ts');
const load = async () => (await import('pg')).default;
const before = when === 'before' ? await load() : undefined;
const openbox = await createOpenBox({ openboxUrl: coreUrl, openboxApiKey: key });
const { Pool } = before ?? (await load());
const { default: Cursor } = await import('pg-cursor');
const { default: QueryStream } = await import('pg-query-stream');
const pool = new Pool({ connectionString: url, max: 1 });
const act = (body) => openbox.runWorkflow({ workflowType: 'T' }, [], (scope) => scope.activity('a', [], body));
const out = [];
await act(async () => {
  const client = await pool.connect();
  const cursor = client.query(new Cursor('SELECT generate_series(1, 3) AS n'));
  out.push([...(await cursor.read(2)), ...(await cursor.read(2))].map(({ n }) => n));
  const streamed = [];
  for await (const { n } of client.query(new QueryStream('SELECT generate_series(1, 3) AS n'))) streamed.push(n);
  out.push(streamed);
  out.push(await new Promise((resolve) => client.query('SELECT 1 AS n', (_, { rows }) => resolve(rows[0].n))));
  out.push((await client.query({ name: 'q', text: 'SELECT $1::int AS n', values: [2] })).rows[0].n);
  client.release();
});
const refused = await act(async () => {
  const client = await pool.connect();
  try {
    await client.query('BEGIN');
    await client.query('CREATE TABLE ' + runtime + when + ' (a int)');
  } catch {
    out.push((await client.query('ROLLBACK')).command);
  } finally {
    client.release();
  }
}).catch((error) => error.code);
out.push(refused, (await pool.query("SELECT to_regclass('" + runtime + when + "') AS name")).rows[0].name);
console.log(JSON.stringify(out));
await pool.end();
await openbox.close();
`;

// The first one installs the runtimes where they are missing.
test.each(['bun', 'deno'] as const)('the same on %s, loaded before or after governance has started', { timeout: 180_000 }, async (runtime) => {
  const core = await startLocalCore({ policy: { rules: [{ when: { db_operation: 'CREATE', stage: 'started' }, answer: { verdict: 'block', reason: 'no' } }] } });
  onTestFinished(() => core.close());
  for (const when of ['before', 'after']) {
    const args = [runtime, when, await postgresUrl(), core.url, core.apiKey];
    expect(await printedBy(runtime, PROGRAM, { args, beside: import.meta.dirname })).toEqual([[1, 2, 3], [1, 2, 3], 1, 2, 'ROLLBACK', 'OPENBOX_BLOCKED', null]);
  }
  const asked = (await core.events()).filter(({ body }) => (body as { hook_trigger?: boolean }).hook_trigger === true);
  expect(asked).toHaveLength(2 * (4 * 2 + 2 + 1));
});
