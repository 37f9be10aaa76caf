import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './command.ts';
import { ENTRIES, jsrExports, npmExports, sourceOn, specifierOf, type Target } from './entries.ts';
import { importGraph, reachedFrom } from './imports.ts';
import { readSources, type Sources } from './sources.ts';

/** What the files that describe the package say. */
export type Manifests = {
  npm: { version: string; exports: Record<string, Target>; dependencies: Record<string, string> };
  jsr: { version: string; exports: Record<string, string>; imports: Record<string, string> };
  paths: Record<string, string[]>;
  lock: { packages: Record<string, { version?: string; resolved?: string }> };
  sources: Sources;
};

/** Reads them from the repository. */
export function readManifests(): Manifests {
  const read = (name: string): unknown => {
    const { config, error } = ts.parseConfigFileTextToJson(name, readFileSync(join(root, name), 'utf8'));
    if (error !== undefined) throw new Error(`${name}: ${ts.flattenDiagnosticMessageText(error.messageText, '\n')}`);
    return config;
  };
  return {
    npm: read('package.json') as Manifests['npm'],
    jsr: read('jsr.json') as Manifests['jsr'],
    paths: (read('tsconfig.json') as { compilerOptions: { paths: Record<string, string[]> } }).compilerOptions.paths,
    lock: read('package-lock.json') as Manifests['lock'],
    sources: readSources(),
  };
}

const leaves = (target: Target): string[] => (typeof target === 'string' ? [target] : Object.values(target).flatMap(leaves));

/** The source that a built file comes from, in either copy: `./dist/cjs/core/index.d.ts` → `core/index.ts`. */
const sourceOf = (built: string): string => built.replace(/^\.\/dist\/(?:cjs\/)?/, '').replace(/(?:\.d\.ts|\.js)$/, '.ts');

/** The branches of a target in which a compiler chooses between its types and its file. */
const choices = (target: Target): { readonly [condition: string]: Target }[] => {
  if (typeof target === 'string') return [];
  return Object.values(target).some((each) => typeof each === 'string') ? [target] : Object.values(target).flatMap(choices);
};

const entriesOf = ({ npm }: Manifests): [string, Target][] => Object.entries(npm.exports).filter(([key]) => key !== './package.json');

type Rule = (manifests: Manifests) => string[];

/** One complaint unless both are equal. */
const same = (what: string, is: unknown, expected: unknown): string[] =>
  is === expected ? [] : [`${what} is "${String(is)}", expected "${String(expected)}"`];

/** What has to hold, by name. Each rule returns its complaints. */
export const rules: Readonly<Record<string, Rule>> = {
  'versions are equal': ({ npm, jsr, sources, lock }) => {
    const constant = /VERSION(?:: string)? = '([^']*)'/.exec(sources.get('core/version.ts') ?? '')?.[1];
    return [
      ...same('Version in jsr.json', jsr.version, npm.version),
      ...same('VERSION in core/version.ts', constant, npm.version),
      ...same('Version in package-lock.json', lock.packages['']?.version, npm.version),
    ];
  },
  'package.json has the entries of tools/entries.ts': ({ npm }) =>
    // As text: the order of conditions is a part of it.
    JSON.stringify(npm.exports) === JSON.stringify(npmExports()) ? [] : ['"exports" of package.json are others: run npm run exports'],
  'jsr.json has the entries of tools/entries.ts': ({ jsr }) => {
    const wanted = jsrExports();
    return [...new Set([...Object.keys(wanted), ...Object.keys(jsr.exports)])].flatMap((key) =>
      same(`Entry "${key}" of jsr.json`, jsr.exports[key], wanted[key]),
    );
  },
  'the compiler finds each entry': ({ paths }) => {
    const wanted = Object.fromEntries(Object.keys(ENTRIES).map((key) => [specifierOf(key), `./${sourceOn(key, 'node')}.ts`]));
    return [...new Set([...Object.keys(wanted), ...Object.keys(paths)])].flatMap((key) =>
      same(`Path "${key}" of tsconfig.json`, paths[key]?.join(), wanted[key]),
    );
  },
  'each entry has its source': (manifests) =>
    entriesOf(manifests)
      .flatMap(([, target]) => leaves(target))
      .filter((built) => !manifests.sources.has(sourceOf(built)))
      .map((built) => `"${built}" of package.json has no source`),
  'types come first': (manifests) =>
    entriesOf(manifests).flatMap(([key, target]) =>
      choices(target).every((choice) => Object.keys(choice)[0] === 'types') ? [] : [`Entry "${key}" of package.json names its types late`],
    ),
  'undici has one range': ({ npm, jsr }) => same('"undici" in jsr.json', jsr.imports['undici'], `npm:undici@${npm.dependencies['undici']}`),
  'the lockfile names no host': ({ lock }) =>
    Object.entries(lock.packages)
      .filter(([, { resolved }]) => resolved !== undefined)
      .map(([path]) => `"${path}" of package-lock.json has a "resolved"`),
  'JSR entries need no Temporal': ({ jsr, sources }) => {
    const graph = importGraph(sources);
    return Object.entries(jsr.exports).flatMap(([key, source]) =>
      [...reachedFrom(graph, source.replace(/^\.\//, ''))]
        .filter((target) => target.startsWith('@temporalio/'))
        .map((target) => `Entry "${key}" of jsr.json loads ${target}`),
    );
  },
};
