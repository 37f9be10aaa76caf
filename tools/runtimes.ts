import { runtimePath } from './pinned-runtimes.ts';

/** How a runtime runs modules from disk. */
interface Runtime {
  /** Its program; gets it first where it is missing. */
  program(): Promise<string>;
  /** What stands before a file that it runs. */
  readonly run: readonly string[];
  /** What stands before a file of tests that it runs. */
  readonly test: readonly string[];
  /** The flag that loads a module first. */
  readonly preload: string;
  /** What it needs to read TypeScript. */
  readonly typescript: readonly string[];
}

const node = { run: [], test: ['--test-reporter=spec'], preload: '--import', typescript: ['--import', 'tsx'] };

// The repository's own node_modules and compiler settings are npm's.
const deno = ['--allow-all', '--no-check', '--no-lock', '--node-modules-dir=manual'];

/** A runtime that runs modules from disk; workerd does not. */
export type RuntimeName = 'node' | 'node24' | 'bun' | 'deno';

const RUNTIMES: Readonly<Record<RuntimeName, Runtime>> = {
  node: { ...node, program: async () => process.execPath },
  node24: { ...node, program: () => runtimePath('node24') },
  // `--bun`: else the first line of a program that asks for Node gets it.
  bun: { program: () => runtimePath('bun'), run: ['--bun', 'run'], test: ['test'], preload: '--preload', typescript: [] },
  deno: { program: () => runtimePath('deno'), run: ['run', ...deno], test: ['test', ...deno], preload: '--preload', typescript: [] },
};

/** A program and its arguments. */
export type Command = readonly [program: string, ...args: string[]];

/** What else a command line may say. */
export interface CommandOptions {
  /** A module that is loaded before the file. */
  readonly preload?: string;
  /** Flags of the runtime's own. */
  readonly flags?: readonly string[];
  /** The file's own arguments. */
  readonly args?: readonly string[];
}

async function command(how: 'run' | 'test', name: RuntimeName, file: string, { preload, flags = [], args = [] }: CommandOptions): Promise<Command> {
  const runtime = RUNTIMES[name];
  const loader = /\.[cm]?ts$/.test(file) ? runtime.typescript : [];
  const preloading = preload === undefined ? [] : [runtime.preload, preload];
  return [await runtime.program(), ...runtime[how], ...loader, ...preloading, ...flags, file, ...args];
}

/** The command that runs a file on a runtime. */
export function runCommand(name: RuntimeName, file: string, options: CommandOptions = {}): Promise<Command> {
  return command('run', name, file, options);
}

/** The command that runs a file of tests on a runtime, by the runtime's own test runner. */
export function testCommand(name: RuntimeName, file: string, options: CommandOptions = {}): Promise<Command> {
  return command('test', name, file, options);
}
