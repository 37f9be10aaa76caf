// `npm run temporal -- --runtime bun`: the tests of the Temporal host on a runtime, real workers against a real server.
import { parseArgs } from 'node:util';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { root } from './command.ts';
import { runtimePath } from './runtimes.ts';

type Command = readonly [command: string, ...args: string[]];

const RUNTIMES: Readonly<Record<string, () => Promise<Command>>> = {
  node: async () => [process.execPath],
  // Else Vitest's own first line asks for Node.
  bun: async () => [await runtimePath('bun'), '--bun'],
  deno: async () => [await runtimePath('deno'), 'run', '--allow-all', '--no-lock', '--node-modules-dir=manual'],
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { runtime: { type: 'string', default: 'node' } } });
const runtime = Object.hasOwn(RUNTIMES, values.runtime) ? RUNTIMES[values.runtime] : undefined;
if (runtime === undefined) {
  process.stderr.write(`Unknown runtime "${values.runtime}": use one of ${Object.keys(RUNTIMES).join(', ')}\n`);
  process.exitCode = 1;
} else {
  const [command, ...args] = await runtime();
  const filters = positionals.length > 0 ? positionals : ['bindings/temporal/'];
  const child = spawn(command, [...args, 'node_modules/vitest/vitest.mjs', 'run', '--reporter=dot', ...filters], { cwd: root, stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  process.exitCode = code ?? 1;
}
