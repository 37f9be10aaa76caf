// `npm run conformance -- --runtime node`: runs the shared cases on a runtime, and ends with its exit code.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { root } from './command.ts';
import { prepareWorkerd } from './conformance-workerd.ts';
import { runtimePath } from './runtimes.ts';

/** A command, and what ends what was started for it. */
interface Prepared extends Partial<AsyncDisposable> {
  readonly command: string;
  readonly args: readonly string[];
}

const RUNNERS = 'conformance/runners';

const RUNTIMES: Readonly<Record<string, () => Promise<Prepared>>> = {
  node: async () => ({ command: process.execPath, args: ['--import', 'tsx', '--import', './bindings/node/preload.ts', '--test-reporter=spec', `${RUNNERS}/node.ts`] }),
  bun: async () => ({ command: await runtimePath('bun'), args: ['test', '--preload', './bindings/bun/preload.ts', `./${RUNNERS}/bun.ts`] }),
  deno: async () => ({
    command: await runtimePath('deno'),
    // The repository's own node_modules and compiler settings are npm's.
    args: ['test', '--allow-all', '--no-check', '--no-lock', '--node-modules-dir=manual', '--preload', './bindings/deno/preload.ts', `./${RUNNERS}/deno.ts`],
  }),
  workerd: () => prepareWorkerd(`${RUNNERS}/workerd.ts`),
};

const { values } = parseArgs({ options: { runtime: { type: 'string', default: 'node' } } });
const prepare = Object.hasOwn(RUNTIMES, values.runtime) ? RUNTIMES[values.runtime] : undefined;
if (prepare === undefined) {
  process.stderr.write(`Unknown runtime "${values.runtime}": use one of ${Object.keys(RUNTIMES).join(', ')}\n`);
  process.exitCode = 1;
} else {
  const prepared = await prepare();
  try {
    const child = spawn(prepared.command, prepared.args, { cwd: root, stdio: 'inherit' });
    const [code] = (await once(child, 'exit')) as [number | null];
    process.exitCode = code ?? 1;
  } finally {
    await prepared[Symbol.asyncDispose]?.();
  }
}
