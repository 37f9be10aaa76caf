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
