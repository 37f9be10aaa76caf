// `npm run temporal -- --runtime bun`: the tests of the Temporal host on a runtime, real workers against a real server.
// `npm run temporal -- no-cache`: their workers cache no workflow, so that each workflow task begins with a replay.
// `npm run temporal -- short`: without those that `npm test` leaves to Node.
import { LEFT_TO_NODE } from './left-to-node.ts';
import { runtimeScript } from './runtime-script.ts';
import { runCommand } from './runtimes.ts';

const SETTINGS: ReadonlySet<string> = new Set(['no-cache', 'short']);

await runtimeScript(async (runtime, given) => {
  const filters = given.filter((word) => !SETTINGS.has(word));
  const leftOut = given.includes('short') ? LEFT_TO_NODE.flatMap((path) => ['--exclude', path]) : [];
  const args = ['run', '--reporter=dot', ...leftOut, ...(filters.length > 0 ? filters : ['bindings/temporal/'])];
  return {
    command: await runCommand(runtime, 'node_modules/vitest/vitest.mjs', { args }),
    ...(given.includes('no-cache') && { env: { TEMPORAL_TESTS: 'no-cache' } }),
  };
});
