import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { EVALUATE, VALIDATE } from '../contract/request.ts';
import { EVENT_SAMPLES, HEADERS, without } from '../contract/test-support.ts';
import { post, verdictOf } from './test-support.ts';

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url));
const EVENT = EVENT_SAMPLES.ActivityStarted;
// A test runner's own preloads are not the child's.
const { NODE_OPTIONS: _, ...env } = process.env;

const children: ChildProcessWithoutNullStreams[] = [];
const folder = mkdtempSync(join(tmpdir(), 'local-core-main-'));
const policy = join(folder, 'policy.json');
beforeEach(() => writeFileSync(policy, '{"default":{"verdict":"block"}}'));
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
});
afterAll(() => {
  unlinkSync(policy);
  rmdirSync(folder);
});

function start(...args: string[]): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, ['--import', 'tsx', MAIN, ...args], { env });
  children.push(child);
  return child;
}

async function urlOf(child: ChildProcessWithoutNullStreams): Promise<string> {
  const [url] = (await once(createInterface(child.stdout), 'line')) as [string];
  return url;
}

describe('the local Core as a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('takes policy and keys, and ends at %s', async (signal) => {
    const child = start('--port', '0', '--policy', policy, '--key', 'obx_test_local', '--key', 'obx_test_two');
    const url = await urlOf(child);
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await verdictOf({ url }, EVENT)).toEqual({ verdict: 'block' });
    for (const [key, status] of [['two', 200], ['three', 401]] as const) {
      const headers = { ...HEADERS, authorization: `Bearer obx_test_${key}` };
      expect((await fetch(url + VALIDATE, { headers })).status).toBe(status);
    }
    expect((await post({ url }, EVALUATE, without(EVENT, 'attempt'))).status).toBe(400);
    const events = (await (await fetch(`${url}/_control/events`)).json()) as object[];
    expect(events).toHaveLength(4);
    const exit = once(child, 'exit');
    child.kill(signal);
    expect(await exit).toEqual([0, null]);
  });

  it('names a verdict that may be misspelt, and answers it all the same', async () => {
    writeFileSync(policy, '{"rules":[{"when":{"activity_type":"other"},"answer":{"verdict":"blok"}}],"default":{"verdict":"halt"}}');
    const child = start('--port', '0', '--policy', policy);
    const warnings = text(child.stderr);
    const url = await urlOf(child);
    expect(await verdictOf({ url }, { ...EVENT, activity_type: 'other' })).toEqual({ verdict: 'blok' });
    child.kill('SIGTERM');
    expect((await warnings).trim()).toBe('Warning: rules[0].answer.verdict: "blok" is none of allow, constrain, require_approval, block, halt: clients refuse such an answer');
  });

  it('may be lenient', async () => {
    const url = await urlOf(start('--port', '0', '--lenient'));
    expect((await post({ url }, EVALUATE, without(EVENT, 'attempt'))).status).toBe(200);
  });

  it.each([
    [['--port', '99999'], 'Malformed --port: expected 0 to 65535, got "99999"'],
    [['--port', '0', '--key', 'sk-1'], 'Malformed apiKeys'],
    [['--verbose'], "Unknown option '--verbose'"],
  ])('ends with what is wrong and the usage: %j', async (args, problem) => {
    const child = start(...args);
    const [errors, output, [code]] = await Promise.all([text(child.stderr), text(child.stdout), once(child, 'exit')]);
    expect(errors).toContain(problem);
    expect(errors).toContain('Usage: openbox-local-core');
    expect([output, code]).toEqual(['', 1]);
  });
});
