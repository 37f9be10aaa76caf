import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Absolute path of the repository, with a trailing slash. */
export const root: string = fileURLToPath(new URL('..', import.meta.url));

/** How a command ended: its exit code (null when it did not start or a signal ended it), and all it printed. */
export type CommandResult = { code: number | null; output: string };

// Node warns when both variables are set, and colour codes would hide the counts that are read from the output.
function withoutColour({ FORCE_COLOR: _, ...env }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return { ...env, NO_COLOR: '1' };
}

/** Runs a command. Never rejects; `timeout` is in milliseconds (default: 20 minutes), `cwd` by default the repository. */
export function run(command: string, args: readonly string[], options: { timeout?: number; cwd?: string } = {}): Promise<CommandResult> {
  const { timeout = 20 * 60_000, cwd = root } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env: withoutColour(process.env), timeout, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const keep = (chunk: string): void => void (output += chunk);
    child.stdout.setEncoding('utf8').on('data', keep);
    child.stderr.setEncoding('utf8').on('data', keep);
    child.on('error', (error) => resolve({ code: null, output: `${output}${error.message}\n` }));
    child.on('close', (code, signal) => {
      resolve({ code, output: signal === null ? output : `${output}Ended by ${signal}\n` });
    });
  });
}

/** Runs a script of package.json. */
export function runScript(name: string, args: readonly string[] = []): Promise<CommandResult> {
  const parameters = ['run', '--silent', name, ...(args.length > 0 ? ['--', ...args] : [])];
  // Under npm its own path is known, which also works where `npm` is a shell script (Windows).
  const npm = process.env['npm_execpath'];
  return npm === undefined ? run('npm', parameters) : run(process.execPath, [npm, ...parameters]);
}
