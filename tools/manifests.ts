import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { root } from './command.ts';
import { importGraph, reachedFrom } from './imports.ts';
import { readSources, type Sources } from './sources.ts';

/** A target of package.json's `exports`: a file, or one for each condition. */
type Target = string | { [condition: string]: Target };

/** What the files that describe the package say. */
export type Manifests = {
  npm: { version: string; exports: Record<string, Target>; dependencies: Record<string, string> };
  jsr: { version: string; exports: Record<string, string>; imports: Record<string, string> };
  paths: Record<string, string[]>;
  lock: { packages: Record<string, { version?: string; resolved?: string }> };
  sources: Sources;
};

const self = '@openbox-ai/temporal-sdk';

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

/** The file that a condition leads to, with `default` as the way out. */
function resolve(target: Target | undefined, condition: string): string | undefined {
  if (target === undefined || typeof target === 'string') return target;
  return resolve(target[condition] ?? target['default'], condition);
}

const leaves = (target: Target): string[] => (typeof target === 'string' ? [target] : Object.values(target).flatMap(leaves));

/** The source that a built file comes from: `./dist/core/index.d.ts` → `./core/index.ts`. */
const sourceOf = (built: string | undefined): string | undefined => built?.replace(/^\.\/dist\//, './').replace(/(?:\.d\.ts|\.js)$/, '.ts');

const plain = (path: string): string => path.replace(/^\.\//, '');

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
  'JSR entries are npm entries': ({ npm, jsr }) =>
    Object.entries(jsr.exports).flatMap(([key, source]) =>
      same(`Entry "${key}" of jsr.json`, source, sourceOf(resolve(npm.exports[key], 'default'))),
    ),
  'the compiler finds each entry': (manifests) => {
    const wanted = entriesOf(manifests).map(([key, target]) => [key.replace(/^\./, self), sourceOf(resolve(target, 'node'))] as const);
    const unknown = Object.keys(manifests.paths).filter((key) => !wanted.some(([name]) => name === key));
    return [
      ...wanted.flatMap(([key, source]) => same(`Path "${key}" of tsconfig.json`, manifests.paths[key]?.join(), source)),
      ...unknown.map((key) => `Path "${key}" of tsconfig.json is no entry of package.json`),
    ];
  },
  'each entry has its source': (manifests) =>
    entriesOf(manifests)
      .flatMap(([, target]) => leaves(target))
      .filter((built) => !manifests.sources.has(plain(sourceOf(built) ?? '')))
      .map((built) => `"${built}" of package.json has no source`),
  'types come first': (manifests) =>
    entriesOf(manifests).flatMap(([key, target]) => {
      const branches = typeof target === 'string' ? [target] : 'types' in target ? [target] : Object.values(target);
      return branches.every((branch) => Object.keys(branch)[0] === 'types') ? [] : [`Entry "${key}" of package.json names its types late`];
    }),
  'undici has one range': ({ npm, jsr }) => same('"undici" in jsr.json', jsr.imports['undici'], `npm:undici@${npm.dependencies['undici']}`),
  'the lockfile names no host': ({ lock }) =>
    Object.entries(lock.packages)
      .filter(([, { resolved }]) => resolved !== undefined)
      .map(([path]) => `"${path}" of package-lock.json has a "resolved"`),
  'JSR entries need no Temporal': ({ jsr, sources }) => {
    const graph = importGraph(sources);
    return Object.entries(jsr.exports).flatMap(([key, source]) =>
      [...reachedFrom(graph, plain(source))]
        .filter((target) => target.startsWith('@temporalio/'))
        .map((target) => `Entry "${key}" of jsr.json loads ${target}`),
    );
  },
};
