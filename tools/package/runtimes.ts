import { runtimePath } from '../runtimes.ts';

/** A runtime on which the package is imported. */
export interface Runtime {
  /** The condition of `exports` by which it finds its binding. */
  readonly condition: string;
  /**
   * The same for `require()`.
   * @default that of `import`
   */
  readonly requires?: string;
  /** What runs a file on it. */
  command(file: string): Promise<readonly [string, ...string[]]>;
}

/** The runtimes that load a consumer's modules from disk. workerd does not: `edge.ts` bundles for it. */
export const RUNTIMES: Readonly<Record<string, Runtime>> = {
  [`Node ${process.versions.node.split('.')[0]}`]: { condition: 'node', command: async (file) => [process.execPath, file] },
  'Node 24': { condition: 'node', command: async (file) => [await runtimePath('node24'), file] },
  Bun: { condition: 'bun', command: async (file) => [await runtimePath('bun'), file] },
  Deno: {
    condition: 'deno',
    // https://github.com/denoland/deno/issues/29970: `require()` asks for Node's files there.
    requires: 'node',
    command: async (file) => [await runtimePath('deno'), 'run', '-A', '--no-lock', file],
  },
};
