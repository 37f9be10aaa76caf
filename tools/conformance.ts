// `npm run conformance -- --runtime node`: runs the shared cases on a runtime, and ends with its exit code.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { root } from './command.ts';

type Command = readonly [executable: string, ...args: string[]];

const runtimes: Record<string, (file: string) => Command> = {
  node: (file) => [process.execPath, '--import', 'tsx', '--test-reporter=spec', file],
};

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(1);
}

const { values } = parseArgs({ options: { runtime: { type: 'string', default: 'node' } } });
const runtime = values.runtime;
const command = Object.hasOwn(runtimes, runtime) ? runtimes[runtime] : undefined;
if (command === undefined) fail(`Unknown runtime "${runtime}": use one of ${Object.keys(runtimes).join(', ')}`);

const runner = `conformance/runners/${runtime}.ts`;
if (!existsSync(join(root, runner))) fail(`Runner "${runner}" does not exist`);

const [executable, ...args] = command(runner);
const child = spawn(executable, args, { cwd: root, stdio: 'inherit' });
child.on('error', (error) => fail(`"${executable}" did not start: ${error.message}`));
child.on('exit', (code) => process.exit(code ?? 1));
