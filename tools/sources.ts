import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './command.ts';

/** Source text by path in the repository, with `/` between folders. */
export type Sources = ReadonlyMap<string, string>;

// What .gitignore names, and what a tool hides.
const generated = /^(?:\.(?!ci$|editorconfig$|gitignore$|npmrc$|oxlintrc\.json$)|node_modules$|dist$|coverage$)|\.tgz$/;

const isSource = (path: string): boolean => /\.(?:ts|mjs)$/.test(path) && !path.endsWith('.d.ts');

function* filesIn(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    if (generated.test(entry.name)) continue;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) yield* filesIn(path);
    else yield path;
  }
}

/** All sources of the repository as they are on disk. */
export function readSources(): Sources {
  return new Map([...filesIn('')].filter(isSource).map((path) => [path, readFileSync(join(root, path), 'utf8')]));
}

/** What the repository holds at its top level: what git tracks there, or all that is not generated where there is no git. */
export function topLevel(): string[] {
  const paths = trackedFiles();
  const names = paths.length > 0 ? paths.map((path) => path.replace(/\/.*/, '')) : readdirSync(root).filter((name) => !generated.test(name));
  return [...new Set(names)];
}

function trackedFiles(): string[] {
  try {
    return execFileSync('git', ['ls-files', '-z'], { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] })
      .split('\0')
      .filter((path) => path !== '');
  } catch {
    return [];
  }
}
