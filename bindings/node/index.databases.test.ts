import Module from 'node:module';
import pg, { Client, Pool } from 'pg';
import { afterEach, beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { GovernanceBlockedError, OpenBoxConfigError, type OpenBoxOptions } from '../../core/index.ts';
import { printedBy } from '../../tools/printed-by.ts';
import { postgresUrl } from '../../tools/shared-postgres.ts';
import { activity, startCore, type TestCore } from './test-support.ts';

let core: TestCore;
beforeEach(async () => {
  core = await startCore(({ span }) => (JSON.stringify(span).includes('forbidden') ? { verdict: 'block', reason: 'no' } : undefined));
});
afterEach(() => core.close());

const original = Client.prototype.query;

async function installed(options: OpenBoxOptions): Promise<boolean> {
  const openbox = await core.open(options);
  const row = openbox.coverageReport().find(({ route }) => route === 'pg');
  const patched = Client.prototype.query !== original;
  expect(row?.installed).toBe(patched);
  expect(row?.state).toBe(patched ? 'governed' : 'open');
  await openbox.close();
  expect(Client.prototype.query).toBe(original);
  return patched;
}

describe('the options', () => {
  test('switch drivers on and off', async () => {
    expect(await installed({})).toBe(true);
    expect(await installed({ dbLibraries: ['pg'] })).toBe(true);
    expect(await installed({ dbLibraries: [] })).toBe(false);
    expect(await installed({ instrumentDatabases: false })).toBe(false);
    expect(await installed({ instrumentDatabases: false, databases: { pg } })).toBe(false);
  });

  test('take the module, or its namespace', async () => {
    expect(await installed({ databases: { pg } })).toBe(true);
    expect(await installed({ databases: { pg: await import('pg') } })).toBe(true);
  });

  test.each([
    [{ databases: { pgg: pg } }, 'Option databases names the driver "pgg": expected one of pg'],
    [{ databases: { pg: { query: 1 } } }, 'Option databases has as "pg" what is not that driver'],
    [{ dbLibraries: ['psycopg2'] }, 'Option dbLibraries names the driver "psycopg2"'],
    [{ databases: { pg: 'pg' as unknown as object } }, 'expected an object with modules of drivers by their names'],
  ])('refuse what they cannot follow: %j', async (options, message) => {
    const refused = await core.open(options).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(OpenBoxConfigError);
    expect(String(refused)).toContain(message);
    expect(Client.prototype.query).toBe(original);
  });

  test('nothing of the loader is left behind', async () => {
    const loader = Module as unknown as { _load: unknown };
    const before = loader._load;
    const openbox = await core.open();
    expect(loader._load).not.toBe(before);
    await openbox.close();
    expect(loader._load).toBe(before);
  });
});

test('a query in an activity is asked about, and a block has no effect', async () => {
  const pool = new Pool({ connectionString: await postgresUrl() });
  onTestFinished(() => pool.end());
  const openbox = await core.open();
  expect((await activity(openbox, () => pool.query('SELECT 1 AS n'))).rows).toEqual([{ n: 1 }]);
  await expect(activity(openbox, () => pool.query('CREATE TABLE forbidden (a int)'))).rejects.toThrow(GovernanceBlockedError);
  await openbox.close();
  expect((await pool.query(`SELECT to_regclass('forbidden') AS name`)).rows).toEqual([{ name: null }]);
  expect(core.sent.map(({ step }) => step).filter((step) => step.startsWith('db_query'))).toEqual([
    'db_query/started', 'db_query/completed', 'db_query/started',
  ]);
});

test.each([
  ['import', `(await import('pg')).default`],
  ['require', `createRequire(import.meta.url)('pg')`],
])('a driver that is loaded later is governed from then on, and none is loaded for it: %s', async (_, load) => {
  const printed = await printedBy(
    'node',
    `import Module, { createRequire } from 'node:module';
    import { createOpenBox } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
    const openbox = await createOpenBox({ openboxUrl: ${JSON.stringify(core.url)}, openboxApiKey: 'obx_test_node' });
    const row = () => openbox.coverageReport().find(({ route }) => route === 'pg').installed;
    const before = [row(), Object.keys(Module._cache).some((path) => path.includes('node_modules/pg/'))];
    const { Client } = ${load};
    const client = new Client(${JSON.stringify(await postgresUrl())});
    await client.connect();
    const act = (body) => openbox.runWorkflow({ workflowType: 'T' }, [], (scope) => scope.activity('a', [], body));
    const refused = await act(() => client.query("SELECT 'forbidden'")).catch((error) => error.code);
    await client.end();
    console.log(JSON.stringify([...before, row(), refused]));
    await openbox.close();`,
    { beside: import.meta.dirname },
  );
  expect(printed).toEqual([false, false, true, 'OPENBOX_BLOCKED']);
});
