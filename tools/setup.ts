// What the demo needs before it starts: the Temporal CLI and the built package.
import { runSteps } from './steps.ts';
import { script, temporalCli } from './suites.ts';

const { failed } = await runSteps([temporalCli, script('build')]);
process.exitCode = failed === 0 ? 0 : 1;
