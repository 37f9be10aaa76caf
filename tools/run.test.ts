import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it } from 'vitest';
import { root } from './command.ts';
import { importsOf } from './imports.ts';
import { temporaryFolder } from './temporary-folder.ts';

type Packages = Record<string, { version?: string; optional?: boolean }>;
type Ended = { status: number | null; stdout: string };

const tsx: Packages = { 'node_modules/tsx': { version: '1.0.0' } };

// Stands in for npm: writes what it was called with, and a node_modules with an empty tsx.
const fakeNpm = (packages: Packages, code: number): string => `
  import { mkdirSync, writeFileSync } from 'node:fs';
  mkdirSync('node_modules/tsx', { recursive: true });
  writeFileSync('node_modules/tsx/package.json', '{"type":"module","exports":"./index.js"}');
  writeFileSync('node_modules/tsx/index.js', '');
  writeFileSync('node_modules/.package-lock.json', ${JSON.stringify(JSON.stringify({ packages }))});
  writeFileSync('npm-called-with', process.argv.slice(2).join(' '));
  process.exit(${code});
`;

/** A clone with run.mjs, a lockfile, and a script that prints its arguments and ends with 7. */
function clone(wanted: Packages, present: Packages = wanted, npmCode = 0): { run: () => Ended; installed: () => string | undefined } {
  const folder = temporaryFolder();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  mkdirSync(join(folder, 'tools'));
  cpSync(join(root, 'tools/run.mjs'), join(folder, 'tools/run.mjs'));
  write('package-lock.json', JSON.stringify({ packages: { '': {}, ...wanted } }));
  write('npm.mjs', fakeNpm(present, npmCode));
  write('script.mjs', "console.log('ran', ...process.argv.slice(2)); process.exitCode = 7;");
  const env = { ...process.env, npm_execpath: join(folder, 'npm.mjs') };
  const args = [join(folder, 'tools/run.mjs'), 'script.mjs', '--flag', 'a b'];
  return {
    run: () => spawnSync(process.execPath, args, { cwd: tmpdir(), env, encoding: 'utf8' }),
    installed: () => {
      const note = join(folder, 'npm-called-with');
      if (!existsSync(note)) return undefined;
      const text = readFileSync(note, 'utf8');
      rmSync(note);
      return text;
    },
  };
}

it('installs on a fresh clone, then runs the script and passes on its exit code', () => {
  const { run, installed } = clone(tsx);
  const { status, stdout } = run();
  expect(installed()).toMatch(/^ci\b/);
  expect(stdout).toBe('Installing the packages of package-lock.json …\nran --flag a b\n');
  expect(status).toBe(7);
});

it('installs once', () => {
  const { run, installed } = clone(tsx);
  run();
  expect(installed()).toBeDefined();
  expect(run().stdout).toBe('ran --flag a b\n');
  expect(installed()).toBeUndefined();
});

it.each<[string, Packages, boolean]>([
  ['another version', { 'node_modules/tsx': { version: '0.9.0' } }, true],
  ['a missing package', {}, true],
  ['a package too many', { ...tsx, 'node_modules/extra': { version: '1.0.0' } }, true],
  ['all packages', tsx, false],
])('where node_modules holds %s: installs again: %o', (_, present, again) => {
  const { run, installed } = clone(tsx, present);
  run();
  installed();
  run();
  expect(installed() !== undefined).toBe(again);
});

it('takes an optional package that npm left out for present', () => {
  const { run, installed } = clone({ ...tsx, 'node_modules/darwin-only': { version: '1.0.0', optional: true } }, tsx);
  run();
  installed();
  run();
  expect(installed()).toBeUndefined();
});

it('runs nothing when the packages cannot be installed', () => {
  const { run } = clone(tsx, tsx, 3);
  expect(run()).toMatchObject({ status: 3, stdout: 'Installing the packages of package-lock.json …\n' });
});

it('has nothing to import but Node', () => {
  const targets = importsOf('tools/run.mjs', readFileSync(join(root, 'tools/run.mjs'), 'utf8')).map(({ target }) => target);
  expect(targets).toContain('node:child_process');
  expect(targets.filter((target) => !target.startsWith('node:'))).toEqual([]);
});
