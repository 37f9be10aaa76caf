// `npm run demo -- --runtime node`: the demo on a runtime, with the built package and its preload.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { root } from './command.ts';
import { runtimePath } from './runtimes.ts';

type Command = readonly [command: string, ...args: string[]];

const PRELOAD = (runtime: string): string => `./dist/bindings/${runtime}/preload.js`;

const RUNTIMES: Readonly<Record<string, () => Promise<Command>>> = {
  node: async () => [process.execPath, '--import', 'tsx', '--import', PRELOAD('node')],
  bun: async () => [await runtimePath('bun'), '--tsconfig-override=tsconfig.build.json', '--preload', PRELOAD('bun')],
  deno: async () => [
    await runtimePath('deno'), 'run', '--allow-all', '--no-check', '--no-lock', '--node-modules-dir=manual', '--preload', PRELOAD('deno'),
  ],
};

const { values } = parseArgs({ options: { runtime: { type: 'string', default: 'node' } } });
const runtime = Object.hasOwn(RUNTIMES, values.runtime) ? RUNTIMES[values.runtime] : undefined;
if (runtime === undefined) {
  process.stderr.write(`Unknown runtime "${values.runtime}": use one of ${Object.keys(RUNTIMES).join(', ')}\n`);
  process.exitCode = 1;
} else {
  const [command, ...args] = await runtime();
  // The built package is what runs: paths of the sources are for the compiler.
  const env = { ...process.env, TSX_TSCONFIG_PATH: 'tsconfig.build.json' };
  const child = spawn(command, [...args, 'docs/examples/demo/main.ts'], { cwd: root, stdio: 'inherit', env });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}
