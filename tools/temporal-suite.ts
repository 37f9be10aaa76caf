// `npm run temporal -- --runtime bun`: the tests of the Temporal host on a runtime, real workers against a real server.
// `npm run temporal -- no-cache`: their workers cache no workflow, so that each workflow task begins with a replay.
import { runtimeScript } from './runtime-script.ts';
import { runCommand, type RuntimeName } from './runtimes.ts';

/** Tests whose own scaffolding a runtime cannot carry, and why. */
const LEFT_OUT: Readonly<Partial<Record<RuntimeName, Readonly<Record<string, string>>>>> = {
  deno: {
    'bindings/temporal/terminate.denied.test.ts':
      "Temporal's client refuses what the proxy in front of the server, made of node:http2, answers there: a compressed flag without grpc-encoding",
  },
};

await runtimeScript(async (runtime, given) => {
  const filters = given.filter((word) => word !== 'no-cache');
  const exclude = Object.keys(LEFT_OUT[runtime] ?? {}).map((file) => `--exclude=${file}`);
  const args = ['run', '--reporter=dot', ...exclude, ...(filters.length > 0 ? filters : ['bindings/temporal/'])];
  return {
    command: await runCommand(runtime, 'node_modules/vitest/vitest.mjs', { args }),
    ...(given.includes('no-cache') && { env: { TEMPORAL_TESTS: 'no-cache' } }),
  };
});
