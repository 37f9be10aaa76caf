import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type CommandResult, root, run } from '../../tools/command.ts';
import { temporaryFolder } from '../../tools/temporary-folder.ts';

/** Runs a program of its own: an unhandled rejection is a matter of the whole process. */
async function runProgram(source: string): Promise<CommandResult> {
  const program = join(temporaryFolder(), 'program.mts');
  writeFileSync(program, source);
  return run(process.execPath, ['--import', 'tsx', program]);
}

const AGENT = `
import { createOpenBox } from ${JSON.stringify(join(root, 'bindings/node/index.ts'))};
import { startLocalCore } from ${JSON.stringify(join(root, 'conformance/testing.ts'))};
const core = await startLocalCore({ policy: { rules: [{ when: { stage: 'started' }, answer: { verdict: 'block', reason: 'no' } }] } });
const openbox = await createOpenBox({ openboxUrl: core.url, openboxApiKey: core.apiKey });
const pause = () => new Promise((resolve) => setTimeout(resolve, 100));
const act = (body) => openbox.runWorkflow({ workflowType: 'W' }, [], ({ activity }) => activity('a', [], body));
`;

test('a block that nobody awaits fails its activity and leaves the process alone', async () => {
  const { code, output } = await runProgram(`${AGENT}
    const failed = await act(async () => { void fetch('http://127.0.0.1:9/'); void fetch('http://127.0.0.1:9/').then((r) => r.text()); await pause(); }).catch((e) => e.message);
    await pause();
    console.log('alive:', failed);
    await openbox.close();
    await core.close();
  `);
  expect(output).toContain('alive: Governance blocked: no');
  expect(code).toBe(0);
});

test('a start that fails ends the process where nobody catches it, also while governance runs', async () => {
  const { code, output } = await runProgram(`${AGENT}
    void createOpenBox({ openboxUrl: 'no url' });
    await pause();
    console.log('alive');
  `);
  expect(output).toContain('Option openboxUrl is "no url"');
  expect(output).not.toContain('alive');
  expect(code).toBe(1);
});

test("a rejection of the user's own ends the process as it would without us", async () => {
  const { code, output } = await runProgram(`${AGENT}
    void Promise.reject(new RangeError('mine'));
    await pause();
    console.log('alive');
  `);
  expect(output).toContain('mine');
  expect(output).not.toContain('alive');
  expect(code).toBe(1);
});

test('a block of something synchronous that nobody catches fails its activity and leaves the process alone', async () => {
  const { code, output } = await runProgram(`import fs from 'node:fs';
    import { EventEmitter } from 'node:events';
    ${AGENT}
    const path = new URL('./made', import.meta.url);
    const failed = await act(async () => {
      setTimeout(() => fs.writeFileSync(path, 'x'), 1);
      setImmediate(() => new EventEmitter().on('x', () => fs.writeFileSync(path, 'x')).emit('x'));
      await pause();
    }).catch((e) => e.message);
    console.log('alive:', failed, fs.existsSync(path));
    await openbox.close();
    await core.close();
  `);
  expect(output).toContain('alive: Governance blocked: no false');
  expect(code).toBe(0);
});

test('a block of a stream without a listener for errors leaves the process alone', async () => {
  const { code, output } = await runProgram(`import { promises } from 'node:fs';
    ${AGENT.replace("stage: 'started'", "file_operation: 'read', stage: 'started'")}
    let seen = 'nothing';
    const failed = await act(async () => {
      const stream = (await promises.open(new URL(import.meta.url))).createReadStream();
      stream.on('data', () => (seen = 'something'));
      await pause();
    }).catch((e) => e.message);
    console.log('alive:', failed, seen);
    await openbox.close();
    await core.close();
  `);
  expect(output).toContain('alive: Governance blocked: no nothing');
  expect(code).toBe(0);
});

test("an exception of the user's own ends the process as it would without us", async () => {
  const { code, output } = await runProgram(`${AGENT}
    setTimeout(() => { throw new RangeError('mine'); });
    process.on('exit', (code) => console.log('exit', code));
    await pause();
    console.log('alive');
  `);
  expect(output).toContain('RangeError: mine');
  expect(output).toContain('exit 1');
  expect(output).not.toContain('alive');
  expect(code).toBe(1);
});

test("an exception of the user's own reaches whoever listens for it, and the process lives", async () => {
  const { code, output } = await runProgram(`${AGENT}
    process.on('uncaughtException', (error) => console.log('heard', error.message));
    setTimeout(() => { throw new RangeError('mine'); });
    await pause();
    console.log('alive');
    await openbox.close();
    await core.close();
  `);
  expect(output).toContain('heard mine');
  expect(output).toContain('alive');
  expect(code).toBe(0);
});
