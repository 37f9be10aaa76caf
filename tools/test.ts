// `npm test`: everything, in order, whatever fails before.
import { closingLine, runSteps } from './steps.ts';
import { conformance, script, temporalCli, vitest } from './suites.ts';

const total = await runSteps([
  temporalCli,
  script('types'),
  script('lint'),
  script('build'),
  vitest('vitest'),
  conformance('node'),
  script('package'),
  script('demo'),
]);
process.stdout.write(closingLine(total));
process.exitCode = total.failed === 0 ? 0 : 1;
