import type * as childProcess from 'node:child_process';
import { type FunctionOperation, governSyncIn } from '../../core/index.ts';
import { environmentWithout } from './environment.ts';
import { maskArguments, maskCommandLine } from './process-arguments.ts';
import { type Call, type Patches, refused } from './wrap.ts';

/** What of a runtime the adapter works with; `childProcess` is what is patched. */
export interface ProcessModule {
  readonly childProcess: typeof childProcess;
  /** The process's environment, which children inherit. */
  env(): Readonly<Record<string, string | undefined>>;
}

/** A call as it will run: copies of what the caller gave. */
interface Command {
  /** Command and arguments, or one command line for a shell. */
  readonly words: readonly [string, ...string[]];
  /** What is no object is the function's own to refuse, or to make sense of: it is asked about either way. */
  readonly options: unknown;
}

interface SyncFunction {
  /** Undefined for what is no command: the function's own error says so. */
  command(args: readonly unknown[]): Command | undefined;
  given(command: Command): readonly unknown[];
  shown(command: Command): readonly string[];
}

const WITH_ARGUMENTS: SyncFunction = {
  command: ([file, second, third]) => {
    if (typeof file !== 'string') return undefined;
    const hasArgs = Array.isArray(second) || second === undefined || second === null;
    const args = Array.isArray(second) ? Array.from(second as unknown[], String) : [];
    return { words: [file, ...args], options: copyOptions(hasArgs ? third : second) };
  },
  given: ({ words: [file, ...args], options }) => [file, args, options],
  shown: ({ words: [file, ...args], options }) =>
    // A shell reads all of it as one line.
    isOptions(options) && options['shell'] ? [maskCommandLine(file), ...maskArguments(args)] : [file, ...maskArguments(args)],
};

/** A callback, as `execFile` has it, is passed over. */
const WITH_CALLBACK: SyncFunction = {
  ...WITH_ARGUMENTS,
  command: (args) => WITH_ARGUMENTS.command(args.map((arg) => (typeof arg === 'function' ? undefined : arg))),
};

const COMMAND_LINE: SyncFunction = {
  // Whatever the options are, their own fields are what counts: `execSync(line, 'utf8')` runs.
  command: ([line, options]) => (typeof line === 'string' ? { words: [line], options: { ...Object(options) } as Options } : undefined),
  given: ({ words: [line], options }) => [line, options],
  shown: ({ words: [line] }) => [maskCommandLine(line)],
};

const FUNCTIONS: Readonly<Record<string, SyncFunction>> = {
  execFileSync: WITH_CALLBACK,
  spawnSync: WITH_ARGUMENTS,
  execSync: COMMAND_LINE,
};

/** Puts governance before the functions of `child_process` that wait for their child. Contract §3.1. */
export function installProcessSync(patches: Patches, module: ProcessModule): void {
  for (const [name, row] of Object.entries(FUNCTIONS)) {
    patches.add({
      route: `child_process.${name}`,
      target: module.childProcess,
      name,
      refuses: 'throws',
      governed: ({ attempt, args, original }: Call) => {
        const command = row.command(args);
        if (command === undefined) return original(...args.map(refused));
        const operation: FunctionOperation = { type: 'function_call', function: name, module: 'node:child_process', args: row.shown(command) };
        const given = row.given({ ...command, options: withoutApiKey(command.options, module) });
        return governSyncIn(attempt, operation, () => original(...given), {
          describe: (value) => ({ result: endOf(value) }),
          failure: failureOf,
          withholds: (value) => value !== null,
          exact: () => [command.words, command.options],
          opaque: true,
        });
      },
    });
  }
}

type Options = Readonly<Record<string, unknown>>;

function isOptions(options: unknown): options is Options {
  return typeof options === 'object' && options !== null && !Array.isArray(options);
}

function copyOptions(options: unknown): unknown {
  return isOptions(options) ? { ...options } : (options ?? {});
}

/** A child has no business with Core: it does not inherit the key. */
function withoutApiKey(options: unknown, module: ProcessModule): unknown {
  if (!isOptions(options)) return options;
  const given = (options['env'] ?? undefined) as ReturnType<ProcessModule['env']> | undefined;
  const env = environmentWithout(() => given ?? module.env(), 'OPENBOX_API_KEY');
  return env === undefined ? options : { ...options, env };
}

/** The message of a failed command holds all of its arguments, and what the child wrote. */
function failureOf(error: unknown): unknown {
  const { code, status, signal } = Object(error) as { code?: unknown; status?: number | null; signal?: string };
  if (code !== undefined || status === undefined) return error;
  return new Error(status === null ? `The command was ended by ${signal}` : `The command failed with status ${status}`);
}

/** How the child ended; of its output Core is shown nothing. A child that failed is an error of the other functions. */
function endOf(value: unknown): { readonly status: unknown; readonly signal: unknown } {
  const { status = 0, signal = null } = Object(value) as { status?: unknown; signal?: unknown };
  return { status, signal };
}
