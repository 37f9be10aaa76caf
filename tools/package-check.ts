// `npm run package`: installs the packed package into a folder of its own and uses it as a stranger would.
import { cp, mkdir, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root, run } from './command.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly exports: Readonly<Record<string, unknown>>;
}

const { name, version, exports } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Manifest;
const folder = await mkdtemp(join(tmpdir(), 'openbox-package-'));

async function must(what: string, command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await run(command, args, { cwd });
  if (code !== 0) throw new Error(`${what} failed:\n${output}`);
  process.stdout.write(`ok  ${what}\n`);
  return output;
}

try {
  await must('pack', 'npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], root);
  const tarball = join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`);
  await must('install', 'npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, tarball], folder);
  // The optional peers, as this repository has them.
  await mkdir(join(folder, 'node_modules'), { recursive: true });
  await symlink(join(root, 'node_modules', '@temporalio'), join(folder, 'node_modules', '@temporalio'));

  for (const key of Object.keys(exports).filter((each) => !each.endsWith('.json'))) {
    const specifier = `${name}${key.slice(1)}`;
    const code = `const m = await import(${JSON.stringify(specifier)}); if (Object.keys(m).length === 0) process.exit(1);`;
    await must(`import ${specifier}`, process.execPath, ['--input-type=module', '-e', code], folder);
  }

  await cp(join(root, 'docs', 'examples', 'testing', 'policy.ts'), join(folder, 'policy.mts'));
  const tsx = pathToFileURL(join(root, 'node_modules', 'tsx', 'dist', 'loader.mjs')).href;
  const said = await must("README's example for tests", process.execPath, ['--import', tsx, 'policy.mts'], folder);
  if (!said.includes('no network here')) throw new Error(`README's example for tests printed: ${said}`);
} catch (error) {
  process.stdout.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await rm(folder, { recursive: true, force: true });
}
