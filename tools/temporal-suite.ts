// `npm run temporal -- --runtime bun`: the tests of the Temporal host on a runtime, real workers against a real server.
// `npm run temporal -- no-cache`: their workers cache no workflow, so that each workflow task begins with a replay.
import { runtimeScript } from './runtime-script.ts';
import { runCommand } from './runtimes.ts';

await runtimeScript(async (runtime, given) => {
  const filters = given.filter((word) => word !== 'no-cache');
  const args = ['run', '--reporter=dot', ...(filters.length > 0 ? filters : ['bindings/temporal/'])];
  return {
    command: await runCommand(runtime, 'node_modules/vitest/vitest.mjs', { args }),
    ...(given.includes('no-cache') && { env: { TEMPORAL_TESTS: 'no-cache' } }),
  };
});
