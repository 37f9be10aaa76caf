import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { VALIDATE } from '../contract/request.ts';
import { EVENT_SAMPLES, HEADERS } from '../contract/test-support.ts';
import { startLocalCore } from '../testing.ts';
import { verdictOf } from './test-support.ts';

const EVENT = EVENT_SAMPLES.ActivityStarted;
const TESTING = new URL('../testing.ts', import.meta.url).href;
// A test runner's own preloads are not the child's.
const { NODE_OPTIONS: _, ...env } = process.env;

describe('a local Core', () => {
  it('is one of several, each with its own policy, events and approvals', async () => {
    await using one = await startLocalCore({ policy: { default: { verdict: 'require_approval' } } });
    await using other = await startLocalCore({ policy: { default: { verdict: 'block' } } });
    expect(one.url).not.toBe(other.url);
    expect(await verdictOf(one, EVENT)).toMatchObject({ verdict: 'require_approval' });
    expect([await one.events(), await other.events()].map(({ length }) => length)).toEqual([1, 0]);
    expect(await verdictOf(other, EVENT)).toEqual({ verdict: 'block' });
    expect([await one.approvals(), await other.approvals()].map(({ length }) => length)).toEqual([1, 0]);
    await one.clear();
    expect(await other.events()).toHaveLength(1);
  });

  it('accepts its own key', async () => {
    await using core = await startLocalCore();
    const headers = { ...HEADERS, authorization: `Bearer ${core.apiKey}` };
    expect((await fetch(core.url + VALIDATE, { headers })).status).toBe(200);
  });

  it('answers while the thread that started it is busy', async () => {
    await using core = await startLocalCore();
    const script = `fetch(${JSON.stringify(core.url + VALIDATE)}).then(({ status }) => console.log(status))`;
    expect(execFileSync(process.execPath, ['-e', script], { env, encoding: 'utf8' })).toBe('401\n');
  });

  it('is gone once it is closed, and says so', async () => {
    const core = await startLocalCore();
    const pending = core.waitForEvent({}).catch((error: Error) => error.message);
    await core.close();
    expect(await pending).toBe('The local Core is closed');
    await expect(core.events()).rejects.toThrow('The local Core is closed');
    await expect(fetch(core.url)).rejects.toThrow('fetch failed');
    await core.close();
  });

  it('is closed by the end of its block', async () => {
    let url = '';
    {
      await using core = await startLocalCore();
      ({ url } = core);
      expect((await fetch(url + VALIDATE, { headers: HEADERS })).status).toBe(200);
    }
    await expect(fetch(url)).rejects.toThrow('fetch failed');
  });

  it('can have its port and policy told', async () => {
    const first = await startLocalCore();
    const port = Number(new URL(first.url).port);
    await expect(startLocalCore({ port })).rejects.toThrow(
      new RegExp(`could not listen on 127\\.0\\.0\\.1:${port}: .*EADDRINUSE.*; choose another port`),
    );
    await first.close();
    await using again = await startLocalCore({ port });
    expect(again.url).toBe(first.url);
    await expect(startLocalCore({ policy: '/nowhere/policy.json' })).rejects.toThrow('ENOENT');
    await expect(again.setPolicy(JSON.parse('{"rules":1}') as object)).rejects.toThrow('Malformed policy');
  });
});

describe('a process whose sources tsx runs', () => {
  const run = (script: string): Promise<{ stdout: string }> =>
    promisify(execFile)(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], { env });

  it('starts one, and is not kept alive by it', async () => {
    const { stdout } = await run(`
      import { startLocalCore } from ${JSON.stringify(TESTING)};
      const core = await startLocalCore();
      const { status } = await fetch(core.url + ${JSON.stringify(VALIDATE)});
      console.log(status, (await core.events()).length);
    `);
    expect(stdout).toBe('401 1\n');
  });

  it('is kept alive by what it waits for', async () => {
    const { stdout } = await run(`
      import { startLocalCore } from ${JSON.stringify(TESTING)};
      const core = await startLocalCore();
      await core.waitForEvent({}, { timeoutMs: 50 }).catch((error) => console.log(error.message));
    `);
    expect(stdout).toBe('No request like {} within 50 ms; received: nothing\n');
  });
});
