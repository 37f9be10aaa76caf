import { specifierOf } from '../entries.ts';
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
  /** What runs a file on it, with flags of its own. */
  command(file: string, flags?: readonly string[]): Promise<readonly [string, ...string[]]>;
  /** The flags that load the preload first, in each form that it knows. */
  readonly preloads: readonly (readonly string[])[];
}

const preload = specifierOf('./preload');
const onNode = { condition: 'node', preloads: [['--import', preload], ['--require', preload]] };

/** The runtimes that load a consumer's modules from disk. workerd does not: `edge.ts` bundles for it. */
export const RUNTIMES: Readonly<Record<string, Runtime>> = {
  [`Node ${process.versions.node.split('.')[0]}`]: { ...onNode, command: async (file, flags = []) => [process.execPath, ...flags, file] },
  'Node 24': { ...onNode, command: async (file, flags = []) => [await runtimePath('node24'), ...flags, file] },
  Bun: { condition: 'bun', preloads: [['--preload', preload]], command: async (file, flags = []) => [await runtimePath('bun'), ...flags, file] },
  Deno: {
    condition: 'deno',
    // https://github.com/denoland/deno/issues/29970: `require()` asks for Node's files there.
    requires: 'node',
    preloads: [['--preload', `npm:${preload}`]],
    command: async (file, flags = []) => [await runtimePath('deno'), 'run', '-A', '--no-lock', ...flags, file],
  },
};
