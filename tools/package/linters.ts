import { join } from 'node:path';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';
import { readFile } from 'node:fs/promises';
import { root, run } from '../command.ts';
import { runtimePath } from '../pinned-runtimes.ts';
import { type Consumer, installed } from './consumer.ts';

/** What publint says about the package as it is installed, suggestions included. */
export async function publintProblems({ folder }: Consumer): Promise<string[]> {
  const pkgDir = installed(folder);
  const manifest = JSON.parse(await readFile(join(pkgDir, 'package.json'), 'utf8')) as Record<string, unknown>;
  const { messages } = await publint({ pkgDir, pack: false, strict: true });
  return messages.map((message) => formatMessage(message, manifest) ?? message.code);
}

/** What attw says about the types of the packed package. */
export async function attwProblems({ tarball }: Consumer): Promise<string[]> {
  const attw = join(root, 'node_modules', '@arethetypeswrong', 'cli', 'dist', 'index.js');
  // The one thing left out: `moduleResolution: "node10"` reads no `exports`, so no subpath of any package is found by it.
  const { code, output } = await run(process.execPath, [attw, tarball, '--profile', 'node16', '--no-definitely-typed', '--no-color', '--no-emoji']);
  return code === 0 ? [] : [output];
}

/** What JSR would say to a publication: slow types, missing licence, imports it cannot follow. Nothing is published. */
export async function jsrProblems(): Promise<string[]> {
  // Uncommitted work is fine for a try.
  const { code, output } = await run(await runtimePath('deno'), ['publish', '--dry-run', '--allow-dirty'], { cwd: root });
  return code === 0 ? [] : [output];
}
