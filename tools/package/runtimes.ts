import { specifierOf } from '../entries.ts';
import type { RuntimeName } from '../runtimes.ts';

/** A runtime on which the package is imported. */
export interface Consumed {
  readonly runtime: RuntimeName;
  /** The condition of `exports` by which it finds its binding. */
  readonly condition: string;
  /**
   * The same for `require()`.
   * @default that of `import`
   */
  readonly requires?: string;
  /** The flags that load the preload first, in each form that it knows. */
  readonly preloads: readonly (readonly string[])[];
}

const preload = specifierOf('./preload');
const onNode = { condition: 'node', preloads: [['--import', preload], ['--require', preload]] };

/** The runtimes that load a consumer's modules from disk, as the matrix names them. workerd does not: `edge.ts` bundles for it. */
export const RUNTIMES: Readonly<Record<string, Consumed>> = {
  [`Node ${process.versions.node.split('.')[0]}`]: { ...onNode, runtime: 'node' },
  'Node 24': { ...onNode, runtime: 'node24' },
  Bun: { runtime: 'bun', condition: 'bun', preloads: [['--preload', preload]] },
  Deno: {
    runtime: 'deno',
    condition: 'deno',
    // https://github.com/denoland/deno/issues/29970: `require()` asks for Node's files there.
    requires: 'node',
    preloads: [['--preload', `npm:${preload}`]],
  },
};
