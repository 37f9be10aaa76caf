// `npm run demo -- --runtime node`: the demo on a runtime, with the built package and its preload.
import { runtimeScript } from './runtime-script.ts';
import { runCommand } from './runtimes.ts';

// The built package is what runs: paths of the sources are for the compiler.
const TSCONFIG = 'tsconfig.build.json';

await runtimeScript(async (runtime) => {
  const preload = `./dist/bindings/${runtime}/preload.js`;
  const flags = runtime === 'bun' ? [`--tsconfig-override=${TSCONFIG}`] : [];
  return { command: await runCommand(runtime, 'docs/examples/demo/main.ts', { preload, flags }), env: { TSX_TSCONFIG_PATH: TSCONFIG } };
});
