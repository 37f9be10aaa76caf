// The one table of what a consumer can import. package.json, jsr.json and tsconfig.json are held to it by tools/manifests.ts;
// `npm run exports` writes the map into package.json.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { root } from './command.ts';

/** Sources, without their extension. */
export interface Entry {
  /** By the condition of a runtime, in the order in which a consumer tries them; the others take `default`. */
  readonly conditions?: Readonly<Record<string, string>>;
  readonly default: string;
  /** A name that it exports on every runtime; none where importing is all. */
  readonly shows?: string;
  /**
   * Whose declarations stand at `default`. TypeScript's `moduleResolution: "bundler"` knows no runtime's condition, so that is what those see who compile so.
   * @default those of `default`
   */
  readonly types?: string;
  /** Whether JSR has it too, where `.` is the core. */
  readonly jsr?: boolean;
  /** Whether it is for workers at the edge too. */
  readonly edge?: boolean;
  /** Whether its declarations need `@types/node`. */
  readonly nodeTypes?: boolean;
}

/** The name of this package. */
export const PACKAGE = '@openbox-ai/temporal-sdk';

/** Every entry by its subpath. */
export const ENTRIES: Readonly<Record<string, Entry>> = {
  '.': {
    conditions: {
      bun: 'bindings/bun/index',
      deno: 'bindings/deno/index',
      workerd: 'bindings/edge/index',
      'edge-light': 'bindings/edge/index',
      node: 'bindings/node/index',
    },
    // Temporal's bundler, which knows none of these conditions, puts this one into workflows.
    default: 'core/index',
    types: 'bindings/node/index',
    shows: 'OpenBoxError',
    jsr: true,
    edge: true,
  },
  './core': { default: 'core/index', shows: 'startOpenBox', jsr: true, edge: true },
  './node': { default: 'bindings/node/index', shows: 'nodeBinding', jsr: true },
  './bun': { default: 'bindings/bun/index', shows: 'bunBinding', jsr: true },
  './deno': { default: 'bindings/deno/index', shows: 'denoBinding', jsr: true },
  './edge': { default: 'bindings/edge/index', shows: 'edgeBinding', jsr: true, edge: true },
  './temporal': {
    conditions: { bun: 'bindings/bun/temporal', deno: 'bindings/deno/temporal' },
    default: 'bindings/node/temporal',
    shows: 'createOpenBoxWorker',
    nodeTypes: true,
  },
  './workflow': { default: 'bindings/temporal/workflow/index', shows: 'FAILURE_TYPES', edge: true },
  './preload': { conditions: { bun: 'bindings/bun/preload', deno: 'bindings/deno/preload' }, default: 'bindings/node/preload' },
  './testing': { default: 'conformance/testing', shows: 'startLocalCore', jsr: true },
};

/** A target of `exports`: a file, or one for each condition. */
export type Target = string | { readonly [condition: string]: Target };

/** TypeScript takes the first condition that it knows: `types` has to stand before the file. */
function formsOf(source: string, types: string): Target {
  const form = (folder: string): Target => ({ types: `./${folder}/${types}.d.ts`, default: `./${folder}/${source}.js` });
  return { import: form('dist'), require: form('dist/cjs') };
}

/** package.json's `exports`. */
export function npmExports(): Record<string, Target> {
  const entries = Object.entries(ENTRIES).map(([key, entry]): [string, Target] => {
    const fallback = formsOf(entry.default, entry.types ?? entry.default);
    if (entry.conditions === undefined) return [key, fallback];
    const branches = Object.entries(entry.conditions).map(([condition, source]) => [condition, formsOf(source, source)]);
    return [key, { ...(Object.fromEntries(branches) as Record<string, Target>), default: fallback }];
  });
  return { ...Object.fromEntries(entries), './package.json': './package.json' };
}

/** jsr.json's `exports`: JSR knows no conditions. */
export function jsrExports(): Record<string, string> {
  const entries = Object.entries(ENTRIES).filter(([, { jsr }]) => jsr === true);
  return Object.fromEntries(entries.map(([key, entry]) => [key, `./${entry.default}.ts`]));
}

/** How a consumer names an entry. */
export const specifierOf = (key: string): string => `${PACKAGE}${key.slice(1)}`;

/** The source that an entry leads to under a condition. */
export function sourceOn(key: string, condition: string): string {
  const entry = ENTRIES[key];
  if (entry === undefined) throw new Error(`Unknown entry "${key}": expected one of ${Object.keys(ENTRIES).join(', ')}`);
  return entry.conditions?.[condition] ?? entry.default;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const path = join(root, 'package.json');
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as Record<string, unknown>;
  writeFileSync(path, `${JSON.stringify({ ...manifest, exports: npmExports() }, null, 2)}\n`);
}
