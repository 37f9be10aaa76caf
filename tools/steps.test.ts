import { expect, it } from 'vitest';
import { closingLine, runSteps, type Step } from './steps.ts';

const step = (name: string, passed: number, failed: number): Step => ({ name, run: async () => ({ passed, failed, output: `${name} said this` }) });
const crash: Step = { name: 'crash', run: () => Promise.reject(new Error('out of memory')) };

/** Runs the steps; hands back the total and the lines that were written. */
async function run(...steps: Step[]): Promise<{ total: object; lines: string[] }> {
  let text = '';
  const total = await runSteps(steps, (more) => void (text += more));
  return { total, lines: text.split('\n') };
}

it('adds up what the steps counted', async () => {
  const { total } = await run(step('types', 1, 0), step('vitest', 40, 2), step('lint', 0, 1));
  expect(total).toEqual({ passed: 41, failed: 3 });
});

it('writes one line for each step, with its time', async () => {
  const { lines } = await run(step('types', 1, 0), step('vitest', 40, 0));
  expect(lines).toEqual([
    expect.stringMatching(/^types {3}ok {6} +\d+\.\d s $/),
    expect.stringMatching(/^vitest {2}ok {6} +\d+\.\d s {2}40 passed, 0 failed$/),
    '',
  ]);
});

it('shows what a failed step said, and not what a passed one said', async () => {
  const { lines } = await run(step('types', 1, 0), step('lint', 0, 1));
  expect(lines).toContain('lint said this');
  expect(lines).not.toContain('types said this');
  expect(lines.find((line) => line.startsWith('lint'))).toContain('FAILED');
});

it('counts a crashed step as failed, and goes on', async () => {
  const { total, lines } = await run(crash, step('build', 1, 0));
  expect(total).toEqual({ passed: 1, failed: 1 });
  expect(lines).toContain('out of memory');
  expect(lines.some((line) => line.startsWith('build'))).toBe(true);
});

it('writes the name of a step before it runs', async () => {
  const written: string[] = [];
  const running: Step = {
    name: 'slow',
    run: async () => ({ passed: written.length, failed: 0, output: '' }),
  };
  expect(await runSteps([running], (text) => void written.push(text))).toEqual({ passed: 1, failed: 0 });
  expect(written[0]).toContain('slow');
});

it('closes with the two counts', () => {
  expect(closingLine({ passed: 12, failed: 0 })).toBe('12 passed, 0 failed\n');
  expect(closingLine({ passed: 0, failed: 3 })).toBe('0 passed, 3 failed\n');
});
