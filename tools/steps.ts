/** What a step counted, and what to show when something failed. */
export type StepResult = { passed: number; failed: number; output: string };

export type Step = { name: string; run: () => Promise<StepResult> };

export type Total = { passed: number; failed: number };

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

async function runStep(step: Step): Promise<StepResult> {
  try {
    return await step.run();
  } catch (error) {
    return { passed: 0, failed: 1, output: error instanceof Error ? error.message : String(error) };
  }
}

/** Runs the steps in order, one line each, and adds up what they counted. A step that throws counts as one failure. */
export async function runSteps(
  steps: readonly Step[],
  write: (text: string) => void = (text) => void process.stdout.write(text),
): Promise<Total> {
  const total = { passed: 0, failed: 0 };
  const width = Math.max(...steps.map(({ name }) => name.length));
  for (const step of steps) {
    // The name goes out first: it tells what is running.
    write(`${step.name.padEnd(width)}  `);
    const start = performance.now();
    const { passed, failed, output } = await runStep(step);
    total.passed += passed;
    total.failed += failed;
    const time = seconds(performance.now() - start);
    const counts = passed + failed > 1 ? ` ${passed} passed, ${failed} failed` : '';
    write(`${failed > 0 ? 'FAILED' : 'ok    '} ${time.padStart(8)} ${counts}\n`);
    if (failed > 0) write(`\n${output.trimEnd()}\n\n`);
  }
  return total;
}

/** The last line of `npm test`. */
export function closingLine({ passed, failed }: Total): string {
  return `${passed} passed, ${failed} failed\n`;
}
