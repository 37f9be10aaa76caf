// `npm test`: everything, in order, whatever fails before.
import { closingLine, runSteps } from './steps.ts';
import { conformance, pinnedRuntimes, script, temporalCli, vitest } from './suites.ts';

const total = await runSteps([
  temporalCli,
  pinnedRuntimes,
  script('types'),
  script('lint'),
  script('build'),
  vitest('vitest'),
  ...['node', 'bun', 'deno', 'workerd'].map(conformance),
  script('package'),
  script('demo'),
]);
process.stdout.write(closingLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;
