import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, Runtime, type WorkerOptions, type WorkflowBundle, type WorkflowBundleOption } from '@temporalio/worker';
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

/** The bundle of a worker's workflows with our interceptors in it; undefined for a worker without workflows. */
export async function bundleFor(options: WorkerOptions): Promise<WorkflowBundleOption | undefined> {
  const { workflowBundle, workflowsPath, interceptors, bundlerOptions, plugins, dataConverter } = options;
  if (workflowBundle !== undefined || workflowsPath === undefined) return workflowBundle;
  const { payloadConverterPath, failureConverterPath } = dataConverter ?? {};
  return bundleWorkflowCode({
    ...bundlerOptions,
    ...(plugins && { plugins }),
    ...(payloadConverterPath !== undefined && { payloadConverterPath }),
    ...(failureConverterPath !== undefined && { failureConverterPath }),
    workflowsPath,
    workflowInterceptorModules: [...workflowInterceptorModules, ...(interceptors?.workflowModules ?? [])],
    logger: Runtime.instance().logger,
  });
}

/**
 * Hands the configuration to the workflows of a bundle. Throws `OpenBoxConfigError` where the bundle was made without
 * our interceptors.
 */
export async function prepareBundle(bundle: WorkflowBundleOption, config: Config): Promise<WorkflowBundle> {
  const code = 'code' in bundle ? bundle.code : await readFile(bundle.codePath, 'utf8');
  if (!code.includes(MARKER)) {
    throw new OpenBoxConfigError(
      'Option workflowBundle holds workflows that would run ungoverned: expected a bundle with the interceptors of OpenBox; make it with bundleWorkflowCode({ workflowsPath, workflowInterceptorModules }), workflowInterceptorModules being the list that this package exports',
      { option: 'workflowBundle' },
    );
  }
  const sandbox: SandboxConfig = { timeoutMs: config.governanceTimeout, policy: config.governancePolicy };
  // On the first line, so that the lines of the source map hold.
  return { code: `globalThis.${GLOBAL}=${JSON.stringify(sandbox)};${code}` };
}
