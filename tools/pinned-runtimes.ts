import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root, run } from './command.ts';

/** The runtimes of tools/runtimes/package.json: what the suites run on besides the Node that starts them. */
export type PinnedRuntime = 'node24' | 'bun' | 'deno' | 'workerd';

interface Pinned {
  /** The npm package that brings it. */
  readonly name: string;
  readonly file: string;
}

const folder = join(root, 'tools', 'runtimes');

const PINNED: Readonly<Record<PinnedRuntime, Pinned>> = {
  node24: { name: 'node', file: 'node/bin/node' },
  bun: { name: 'bun', file: 'bun/bin/bun.exe' },
  deno: { name: 'deno', file: 'deno/deno' },
  workerd: { name: 'workerd', file: 'workerd/bin/workerd' },
};

let installing: Promise<void> | undefined;

/** The program of a pinned runtime; installs them all where they are missing or others. */
export async function runtimePath(runtime: PinnedRuntime): Promise<string> {
  await (installing ??= install());
  return join(folder, 'node_modules', PINNED[runtime].file);
}

async function install(): Promise<void> {
  if (await isInstalled()) return;
  const { code, output } = await run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
  if (code !== 0) throw new Error(`The runtimes of tools/runtimes could not be installed:\n${output}`);
}

async function isInstalled(): Promise<boolean> {
  const { dependencies } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { dependencies: Record<string, string> };
  const versions = Object.values(PINNED).map(async ({ name, file }) => {
    const manifest = await readFile(join(folder, 'node_modules', name, 'package.json'), 'utf8').catch(() => '{}');
    const { version } = JSON.parse(manifest) as { version?: string };
    return version === dependencies[name] && existsSync(join(folder, 'node_modules', file));
  });
  return (await Promise.all(versions)).every(Boolean);
}
