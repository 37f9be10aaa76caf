import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { type LocalCore, startLocalCore } from '../../conformance/testing.ts';
import { memoryLogger } from '../../core/ports/logger.ts';
import { createOpenBox, governSync, type OpenBox, type OpenBoxOptions, traced } from './index.ts';
import { activity } from './test-support.ts';

// In a thread of its own: a Core in this one could not answer while it stands still.
const core: LocalCore = await startLocalCore();
const folder = fs.mkdtempSync(join(fs.realpathSync(tmpdir()), 'openbox-sync-'));
const file = (name: string): string => join(folder, name);
beforeEach(async () => {
  await core.setPolicy({});
  await core.clear();
});
afterAll(async () => {
  await core.close();
  fs.rmSync(folder, { recursive: true });
});

async function open(options: OpenBoxOptions = {}): Promise<OpenBox & { readonly log: ReturnType<typeof memoryLogger> }> {
  const log = memoryLogger();
  const openbox = await createOpenBox({ openboxUrl: core.url, openboxApiKey: core.apiKey, logger: log, ...options });
  return { ...openbox, log };
}

/** Runs `body` as the one activity of a governed process. */
async function governed<R>(body: () => R, options?: OpenBoxOptions): Promise<R> {
  await using openbox = await open(options);
  return await activity(openbox, async () => body());
}

const block = { verdict: 'block', reason: 'not here' } as const;
const steps = async (): Promise<string[]> =>
  (await core.events()).flatMap(({ body }) => (body['hook_trigger'] === true ? [`${String(body.spans?.[0]?.['file_operation'])}/${String(body.spans?.[0]?.['stage'])}`] : []));

describe('a block comes before the effect', () => {
  test('of a file function', async () => {
    await core.setPolicy({ rules: [{ when: { stage: 'started' }, answer: block }] });
    await expect(governed(() => fs.writeFileSync(file('blocked'), 'x'))).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED', identifier: file('blocked') });
    expect(fs.existsSync(file('blocked'))).toBe(false);
  });

  test('of a child process', async () => {
    await core.setPolicy({ rules: [{ when: { function: 'execFileSync' }, answer: block }] });
    await expect(governed(() => execFileSync('touch', [file('touched')]))).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED' });
    expect(fs.existsSync(file('touched'))).toBe(false);
  });

  test('of a synchronous function', async () => {
    await core.setPolicy({ rules: [{ when: { function: 'act' }, answer: block }] });
    let ran = false;
    const act = traced(() => void (ran = true), { name: 'act' });
    await expect(governed(() => act())).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED' });
    expect(ran).toBe(false);
  });
});

test('a block at completed withholds what was read', async () => {
  fs.writeFileSync(file('secret'), 'secret');
  await core.setPolicy({ rules: [{ when: { file_operation: 'read', stage: 'completed' }, answer: block }] });
  let seen: unknown = 'nothing';
  await expect(governed(() => void (seen = fs.readFileSync(file('secret'), 'utf8')))).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED' });
  expect(seen).toBe('nothing');
});

describe('the error policy', () => {
  const call = (): number => governSync({ type: 'function_call', function: 'act', module: null }, () => 3);
  // An unasked operation takes the timeout twice: before and after.
  const faults = [['never'], ['drop'], ['garbage'], ['wrong_type']] as const;
  test.each(faults)('%s: fail_open goes on, and says so', async (fault) => {
    await core.setPolicy({ rules: [{ when: { hook: true }, answer: { fault } }] });
    await using openbox = await open({ syncGovernanceTimeout: 1500 });
    expect(await activity(openbox, async () => call())).toBe(3);
    expect(openbox.log.lines.map(({ message }) => message).join()).toContain('OpenBox Core not reachable');
  });

  test.each(faults)('%s: fail_closed refuses and halts', async (fault) => {
    await core.setPolicy({ rules: [{ when: { hook: true }, answer: { fault } }] });
    await expect(governed(call, { governancePolicy: 'fail_closed', syncGovernanceTimeout: 1500 })).rejects.toMatchObject({
      code: 'OPENBOX_HALTED',
      message: expect.stringContaining('OpenBox Core not reachable') as string,
    });
  });

  test('a Core that is gone', async () => {
    const other = await startLocalCore();
    await using openbox = await open({ openboxUrl: other.url, governancePolicy: 'fail_closed' });
    await expect(
      activity(openbox, async () => {
        await other.close();
        return call();
      }),
    ).rejects.toMatchObject({ code: 'OPENBOX_HALTED' });
  });

  test('a revoked key lets nothing through', async () => {
    await core.setPolicy({ rules: [{ when: { hook: true }, answer: { status: 401, json: {} } }] });
    await expect(governed(call)).rejects.toMatchObject({ code: 'OPENBOX_AUTH_FAILED' });
  });

  test('an answer that is too long is refused', async () => {
    await core.setPolicy({ rules: [{ when: { hook: true }, answer: { fault: 'huge', verdict: 'allow' } }] });
    await expect(governed(call, { maxAnswerBytes: 10_000 })).rejects.toMatchObject({ code: 'OPENBOX_API_FAILED' });
  });

  test('what Core asks to try again is tried again within the timeout', async () => {
    await core.setPolicy({ rules: [{ when: { hook: true }, answer: { status: 503, json: {}, headers: { 'retry-after': '0' } }, times: 2 }] });
    expect(await governed(call, { governancePolicy: 'fail_closed' })).toBe(3);
  });
});

test('a question waits for no report that is still under way', async () => {
  await core.setPolicy({ rules: [{ when: { file_operation: 'write', stage: 'completed' }, answer: { verdict: 'allow', delay_ms: 1000 } }] });
  fs.writeFileSync(file('read'), 'x');
  await using openbox = await open();
  await activity(openbox, async () => {
    // Its report goes out when this thread is free again, and is answered late.
    await fs.promises.writeFile(file('written'), 'x');
    fs.readFileSync(file('read'));
  });
  expect(openbox.log.lines.filter(({ message }) => message.includes('not reachable'))).toEqual([]);
  expect((await steps()).toSorted()).toEqual(['read/completed', 'read/started', 'write/completed', 'write/started']);
});

test('two configurations ask each their own Core', async () => {
  await using other = await startLocalCore({ policy: { rules: [{ when: { hook: true }, answer: block }] } });
  await using first = await open();
  await using second = await open({ openboxUrl: other.url });
  const write = (name: string) => async (): Promise<void> => fs.writeFileSync(file(name), 'x');
  await activity(first, write('first'));
  await expect(activity(second, write('second'))).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED' });
  expect([fs.existsSync(file('first')), fs.existsSync(file('second'))]).toEqual([true, false]);
  expect([first.stalls().count, second.stalls().count]).toEqual([1, 1]);
});

test('modules that Node loads are not asked about; the same file read by the user is', async () => {
  const require = createRequire(import.meta.url);
  fs.writeFileSync(file('data.json'), '{"a":1}');
  fs.writeFileSync(file('module.cjs'), 'module.exports = require("./data.json").a');
  fs.writeFileSync(file('module.mjs'), 'export default 2');
  await using openbox = await open({ unattributed: 'deny' });
  await activity(openbox, async () => {
    expect(require(file('module.cjs'))).toBe(1);
    expect(((await import(/* @vite-ignore */ file('module.mjs'))) as { default: number }).default).toBe(2);
    expect(await steps()).toEqual([]);
    fs.readFileSync(file('data.json'));
    ['data.json'].map((name) => fs.readFileSync(file(name)));
  });
  expect(await steps()).toEqual(['read/started', 'read/completed', 'read/started', 'read/completed']);
});

describe('in a process of its own', () => {
  const entry = new URL('index.ts', import.meta.url);
  const loader = new URL('../../tools/register-tsx.mjs', import.meta.url).href;
  const env = { ...process.env, OPENBOX_URL: core.url, OPENBOX_API_KEY: core.apiKey };
  const program = (options: OpenBoxOptions, end = ''): string => `
    const openbox = await createOpenBox(${JSON.stringify(options)});
    const act = (scope) => scope.activity('act', [], async () => fs.writeFileSync(${JSON.stringify(file('child'))}, 'x'));
    await openbox.runWorkflow({ workflowType: 'Child' }, [], act).catch(({ code }) => console.log(code));
    const { state, reason, installed } = openbox.coverageReport().find(({ route }) => route === 'fs.writeFileSync');
    console.log(state, reason, installed, openbox.stalls().count);
    ${end}`;
  const run = (args: readonly string[]): { readonly status: number | null; readonly said: string } => {
    const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: 'utf8', timeout: 25_000 });
    return { status, said: stdout + stderr };
  };
  const source = (body: string): string[] => {
    const code = `import fs from 'node:fs'; import { createOpenBox } from ${JSON.stringify(entry.href)}; ${body}`;
    return ['--import', loader, '--input-type=module', '--eval', code];
  };
  beforeEach(() => fs.rmSync(file('child'), { force: true }));

  test.each([
    ['closed', 'await openbox.close();'],
    ['never closed', ''],
  ])('the thread keeps no process alive: %s', (_, end) => {
    expect(run(source(program({}, end)))).toMatchObject({ status: 0, said: expect.stringContaining('governed undefined true 1\n') as string });
    expect(fs.existsSync(file('child'))).toBe(true);
  });

  test('the key is never said', async () => {
    await core.setPolicy({ rules: [{ when: { hook: true }, answer: { fault: 'drop' } }] });
    const { said } = run(source(program({})));
    expect(said).toContain('not reachable');
    expect(said).not.toContain(core.apiKey);
  });

  const flag = process.allowedNodeEnvironmentFlags.has('--permission') ? '--permission' : '--experimental-permission';
  const without = [flag, '--allow-fs-read=*', '--allow-fs-write=*'];
  /** In one file, without the thread's. */
  const bundled = async (options: OpenBoxOptions, flags: readonly string[] = without): Promise<ReturnType<typeof run>> => {
    // What loads the sources needs threads itself.
    const contents = `import fs from 'node:fs'; import { createOpenBox } from ${JSON.stringify(fileURLToPath(entry))}; (async () => { ${program(options)} })();`;
    const outfile = file('bundle.cjs');
    const define = { 'import.meta.url': '"file:///bundle.cjs"' };
    await build({ stdin: { contents, resolveDir: folder }, bundle: true, platform: 'node', format: 'cjs', outfile, define, logLevel: 'error' });
    return run([...flags, outfile]);
  };

  describe('that may start no threads', () => {
    test('one line says so, the route shows as open, and the program runs', async () => {
      const { status, said } = await bundled({});
      expect(status).toBe(0);
      expect(said.match(/the permission model refuses threads; start Node with --allow-worker/g)).toHaveLength(1);
      expect(said).toContain('open needs-sync-gate true 0');
      expect(fs.existsSync(file('child'))).toBe(true);
    });

    test('with strict the operation is denied', async () => {
      expect((await bundled({ strict: true })).said).toContain('OPENBOX_BLOCKED');
      expect(fs.existsSync(file('child'))).toBe(false);
    });
  });

  describe('that was bundled without the file of the thread', () => {
    test.each<[OpenBoxOptions, string]>([
      [{ strict: true }, 'OPENBOX_BLOCKED'],
      [{ governancePolicy: 'fail_closed' }, 'OPENBOX_HALTED'],
    ])('with %j the operation is refused', async (options, code) => {
      const { status, said } = await bundled(options, []);
      expect([status, said]).toEqual([0, expect.stringContaining(code)]);
      expect(fs.existsSync(file('child'))).toBe(false);
    });

    test('else it runs unasked, and one line says why', async () => {
      const { status, said } = await bundled({}, []);
      expect(status).toBe(0);
      expect(said.match(/cannot be asked about: the thread of the sync gate does not start: its file "[^"]*" is not there/g)).toHaveLength(1);
      expect(fs.existsSync(file('child'))).toBe(true);
    });
  });
});
