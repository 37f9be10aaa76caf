// The quick part of `npm test`, for the time between two edits.
import { runSteps } from './steps.ts';
import { script, vitest } from './suites.ts';

const { failed } = await runSteps([
  script('types'),
  script('lint'),
  vitest('architecture', 'tools/architecture.test.ts', 'tools/manifests.test.ts'),
]);
process.exitCode = failed === 0 ? 0 : 1;
