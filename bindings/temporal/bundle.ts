import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { BundleOptions, WorkflowBundle, WorkflowBundleOption } from '@temporalio/worker';
import type { Config } from '../../core/config.ts';
import { OpenBoxConfigError } from '../../core/errors.ts';
import { MARKER } from './workflow/marker.ts';
import { GLOBAL, type SandboxConfig } from './workflow/protocol.ts';

/** Sources where this file is a source, built files where it is built. */
const EXTENSION = new URL(import.meta.url).pathname.endsWith('.ts') ? '.ts' : '.js';

/** For `bundleWorkflowCode`, before any of your own: a bundle made without it is refused. */
export const workflowInterceptorModules: readonly string[] = [
  fileURLToPath(new URL(`./workflow/interceptors${EXTENSION}`, import.meta.url)),
];

/** A list of interceptor modules with ours in front, once. */
export function withOurModules(modules: readonly string[] = []): string[] {
  return [...new Set([...workflowInterceptorModules, ...modules])];
}

/** Throws `OpenBoxConfigError` where a bundle was made without our interceptors; else returns its code. */
export async function governedCode(bundle: WorkflowBundleOption): Promise<string> {
  const code = 'code' in bundle ? bundle.code : await readFile(bundle.codePath, 'utf8');
  if (code.includes(MARKER)) return code;
  throw new OpenBoxConfigError(
    'Option workflowBundle holds workflows that would run ungoverned: expected a bundle with the interceptors of OpenBox; make it with bundleWorkflowCode({ workflowsPath, plugins: [new OpenBoxPlugin()] }), or with workflowInterceptorModules, the list that this package exports',
    { option: 'workflowBundle' },
  );
}

/**
 * Hands the configuration to the workflows of a bundle. Throws `OpenBoxConfigError` where the bundle was made without
 * our interceptors.
 */
export async function prepareBundle(bundle: WorkflowBundleOption, config: Config): Promise<WorkflowBundle> {
  const code = await governedCode(bundle);
  return { code: firstWords(config) + code };
}

/** Stands on the bundle's first line, so that the lines of the source map hold. */
function firstWords({ governanceTimeout, governancePolicy, mode }: Config): string {
  const sandbox: SandboxConfig = { timeoutMs: governanceTimeout, policy: governancePolicy, observe: mode === 'observe' };
  return `globalThis.${GLOBAL}=${JSON.stringify(sandbox)};`;
}

type Hook = NonNullable<BundleOptions['webpackConfigHook']>;

/** A bundle that Temporal makes when it creates the worker, from options that others may change until then. */
export interface LateBundle {
  /** In the place of `own`, which it calls. */
  readonly webpackConfigHook: Hook;
  /** Whether a bundle was made with our interceptors and the configuration in it. */
  isGoverned(): boolean;
}

/** Does to a bundle made on the spot what `prepareBundle` does to one that is there. */
export function lateBundle(config: Config, own: Hook = (given) => given): LateBundle {
  let governed = false;
  return {
    isGoverned: () => governed,
    webpackConfigHook(given) {
      const hooked = own(given);
      const plugins: NonNullable<typeof hooked.plugins> = [
        ...(hooked.plugins ?? []),
        ({ hooks, webpack }) =>
          hooks.thisCompilation.tap('OpenBox', (compilation) => {
            // Before the source map is made: it knows of the words then.
            const stage = webpack.Compilation.PROCESS_ASSETS_STAGE_ADDITIONS;
            compilation.hooks.processAssets.tap({ name: 'OpenBox', stage }, (assets) => {
              for (const [name, code] of Object.entries(assets)) {
                governed = code.source().includes(MARKER);
                compilation.updateAsset(name, new webpack.sources.ConcatSource(firstWords(config), code));
              }
            });
          }),
      ];
      return { ...hooked, plugins };
    },
  };
}
