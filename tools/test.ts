// `npm test`: everything, in order, whatever fails before.
import { closingLine, runSteps } from './steps.ts';
import { conformance, demo, pinnedRuntimes, script, temporal, temporalCli, vitest } from './suites.ts';

const total = await runSteps([
  temporalCli,
  pinnedRuntimes,
  script('types'),
  script('lint'),
  script('build'),
  vitest('vitest'),
  ...['node', 'bun', 'deno', 'workerd'].map(conformance),
  ...['bun', 'deno'].map((runtime) => temporal(runtime, '--runtime', runtime, 'short')),
  script('package'),
  ...['node', 'bun', 'deno'].map(demo),
]);
process.stdout.write(closingLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;
