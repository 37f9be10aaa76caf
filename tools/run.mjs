// Runs a TypeScript tool: `node tools/run.mjs tools/test.ts`. Works on a fresh clone, so it has no dependency itself:
// it installs the packages of the lockfile when they are missing or others.
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Packages of a lockfile by path; none when it does not exist. */
function packagesOf(file) {
  if (!existsSync(root + file)) return {};
  const { packages } = JSON.parse(readFileSync(root + file, 'utf8'));
  return packages;
}

/** Whether node_modules holds what the lockfile asks for. Optional packages of other platforms are left out by npm. */
function isInstalled() {
  const { '': _, ...wanted } = packagesOf('package-lock.json');
  const present = packagesOf('node_modules/.package-lock.json');
  const fits = ([path, { version, optional }]) => (path in present ? present[path].version === version : optional === true);
  return Object.entries(wanted).every(fits) && Object.keys(present).every((path) => path in wanted);
}

function run(command, args) {
  const { status, error } = spawnSync(command, args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined) process.stderr.write(`"${command}" did not start: ${error.message}\n`);
  return status ?? 1;
}

function install() {
  process.stdout.write('Installing the packages of package-lock.json …\n');
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const npm = process.env.npm_execpath;
  return npm === undefined ? run('npm', args) : run(process.execPath, [npm, ...args]);
}

const [script, ...args] = process.argv.slice(2);
if (script === undefined) {
  process.stderr.write('Name the script to run: node tools/run.mjs tools/test.ts\n');
  process.exit(2);
}
const ready = isInstalled() ? 0 : install();
process.exitCode = ready === 0 ? run(process.execPath, ['--import', 'tsx', script, ...args]) : ready;
