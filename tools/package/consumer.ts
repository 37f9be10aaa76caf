import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, run } from '../command.ts';
import { PACKAGE } from '../entries.ts';

/** Longer than anything here takes, in milliseconds: a program that hangs is ended, and fails with what it printed. */
const TIMEOUT = 180_000;

/** Runs a command that has to succeed, and returns what it printed. Throws with that where it fails. */
export async function must(command: string, args: readonly string[], cwd: string): Promise<string> {
  const { code, output } = await run(command, args, { cwd, timeout: TIMEOUT });
  if (code !== 0) throw new Error(`${[command, ...args].join(' ')}\n${output}`);
  return output;
}

/** Where the package is installed in a consumer's folder. */
export const installed = (folder: string): string => join(folder, 'node_modules', PACKAGE);

/** A stranger's folder with the packed package installed. */
export interface Consumer {
  readonly folder: string;
  readonly tarball: string;
  /** Deletes the folder. */
  remove(): Promise<void>;
}

/** Packs what is built and installs it into a folder of its own. */
export async function installPacked(version: string): Promise<Consumer> {
  // A name that has to be escaped in a URL.
  const folder = await mkdtemp(join(tmpdir(), 'openbox C# package-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    await must('npm', ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder], root);
    const tarball = join(folder, `${PACKAGE.replace('@', '').replace('/', '-')}-${version}.tgz`);
    await must('npm', ['install', '--no-audit', '--no-fund', '--prefix', folder, tarball], folder);
    // As one has it who installs a version: Deno finds a package of package.json by its range.
    await writeFile(join(folder, 'package.json'), JSON.stringify({ dependencies: { [PACKAGE]: `^${version}` } }));
    // The optional peers, and the types that a consumer may have, as this repository has them.
    for (const name of ['@temporalio', '@types', 'undici-types']) {
      await mkdir(join(folder, 'node_modules'), { recursive: true });
      await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name));
    }
    return { folder, tarball, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
