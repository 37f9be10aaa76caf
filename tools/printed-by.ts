import { execFile } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from './command.ts';
import { type CommandOptions, runCommand, type RuntimeName } from './runtimes.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What else there is to say of a test's program. */
export interface ProgramOptions extends CommandOptions {
  /** A folder whose packages it can import. Default: it imports by path alone. */
  readonly beside?: string;
}

/** Runs a program of the running test, in TypeScript, in a process of its own; resolves with the JSON that it prints. Rejects where it fails. */
export async function printedBy(runtime: RuntimeName, source: string, { beside, ...options }: ProgramOptions = {}): Promise<unknown> {
  const program = join(temporaryFolder(beside), 'program.mts');
  writeFileSync(program, source);
  const [command, ...args] = await runCommand(runtime, program, options);
  const { stdout } = await promisify(execFile)(command, args, { cwd: root });
  return JSON.parse(stdout);
}
