// `npm run temporal -- --runtime bun`: the tests of the Temporal host on a runtime, real workers against a real server.
import { runtimeScript } from './runtime-script.ts';
import { runCommand } from './runtimes.ts';

await runtimeScript(async (runtime, filters) => {
  const args = ['run', '--reporter=dot', ...(filters.length > 0 ? filters : ['bindings/temporal/'])];
  return { command: await runCommand(runtime, 'node_modules/vitest/vitest.mjs', { args }) };
});
