// Runs a command that ends when this process's standard input does. The parent holds the other end of that pipe, and the
// system closes it however the parent ends, SIGKILL included.
import { spawn } from 'node:child_process';

const [command, ...args] = process.argv.slice(2);
const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit'] });
// SIGKILL: a dev server in memory has nothing to save.
const end = () => child.kill('SIGKILL');

process.stdin.on('end', end).on('error', end).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, end);
child.on('error', (error) => {
  process.stderr.write(`"${command}" did not start: ${error.message}\n`);
  process.exit(1);
});
child.on('exit', (code) => process.exit(code ?? 0));
