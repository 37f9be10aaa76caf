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
  readonly options: Readonly<Record<string, unknown>>;
}

interface SyncFunction {
  /** Undefined for what is no command: the function's own error says so. */
  command(args: readonly unknown[]): Command | undefined;
  given(command: Command): readonly unknown[];
  shown(command: Command): readonly string[];
}

const WITH_ARGUMENTS: SyncFunction = {
  command: ([file, second, third]) => {
    const hasArgs = Array.isArray(second) || second === undefined || second === null;
    const options = copyOptions(hasArgs ? third : second);
    if (typeof file !== 'string' || options === undefined) return undefined;
    const args = Array.isArray(second) ? Array.from(second as unknown[], String) : [];
    return { words: [file, ...args], options };
  },
  given: ({ words: [file, ...args], options }) => [file, args, options],
  shown: ({ words: [file, ...args], options }) =>
    // A shell reads all of it as one line.
    options['shell'] ? [maskCommandLine(file), ...maskArguments(args)] : [file, ...maskArguments(args)],
};

const COMMAND_LINE: SyncFunction = {
  command: ([line, given]) => {
    const options = copyOptions(given);
    return typeof line === 'string' && options !== undefined ? { words: [line], options } : undefined;
  },
  given: ({ words: [line], options }) => [line, options],
  shown: ({ words: [line] }) => [maskCommandLine(line)],
};

const FUNCTIONS: Readonly<Record<string, SyncFunction>> = {
  execFileSync: WITH_ARGUMENTS,
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

function copyOptions(options: unknown): Command['options'] | undefined {
  if (options === undefined || options === null) return {};
  return typeof options === 'object' && !Array.isArray(options) ? { ...options } : undefined;
}

/** A child has no business with Core: it does not inherit the key. */
function withoutApiKey(options: Command['options'], module: ProcessModule): Command['options'] {
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
