// `npm run demo -- --runtime node`: the demo on a runtime, with the built package and its preload.
import { runtimeScript } from './runtime-script.ts';
import { type Command, runCommand } from './runtimes.ts';

// The built package is what runs: paths of the sources are for the compiler.
const TSCONFIG = 'tsconfig.build.json';

await runtimeScript(async (runtime) => {
  const preload = `./dist/bindings/${runtime}/preload.js`;
  const flags = runtime === 'bun' ? [`--tsconfig-override=${TSCONFIG}`] : [];
  const command = (program: string): Promise<Command> => runCommand(runtime, `docs/examples/demo/${program}`, { preload, flags });
  return { command: await command('main.ts'), env: { TSX_TSCONFIG_PATH: TSCONFIG, DEMO_WORKER: JSON.stringify(await command('worker.ts')) } };
});
