import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { parseArgs } from 'node:util';
import { root } from './command.ts';
import type { Command } from './runtimes.ts';

/** A command that is ready to run, and what ends what was started for it. */
export interface Prepared extends Partial<AsyncDisposable> {
  readonly command: Command;
  readonly env?: Readonly<Record<string, string>>;
}

/** The runtimes that all of these scripts know. */
const KNOWN = ['node', 'bun', 'deno'] as const;
type Known = (typeof KNOWN)[number];

type Prepare = (args: readonly string[]) => Promise<Prepared>;

/**
 * The body of a script that takes `--runtime` (default: node): runs a command on it, and ends with its exit code.
 *
 * @param on prepares the command for a runtime, from the script's other arguments
 * @param others runtimes that this script knows besides
 */
export async function runtimeScript(on: (runtime: Known, ...args: Parameters<Prepare>) => Promise<Prepared>, others: Readonly<Record<string, Prepare>> = {}): Promise<void> {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { runtime: { type: 'string', default: 'node' } } });
  const known = KNOWN.map((runtime): [string, Prepare] => [runtime, (args) => on(runtime, args)]);
  const commands: Readonly<Record<string, Prepare>> = { ...Object.fromEntries(known), ...others };
  const prepare = Object.hasOwn(commands, values.runtime) ? commands[values.runtime] : undefined;
  if (prepare === undefined) {
    process.stderr.write(`Unknown runtime "${values.runtime}": use one of ${Object.keys(commands).join(', ')}\n`);
    process.exitCode = 1;
    return;
  }
  const prepared = await prepare(positionals);
  try {
    process.exitCode = await runInForeground(prepared);
  } finally {
    await prepared[Symbol.asyncDispose]?.();
  }
}

/** Runs a command with this process's input and output, and passes on what asks this process to end. */
async function runInForeground({ command: [program, ...args], env }: Prepared): Promise<number> {
  const child = spawn(program, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => void child.kill(signal));
  const [code] = (await once(child, 'exit')) as [number | null];
  return code ?? 1;
}
