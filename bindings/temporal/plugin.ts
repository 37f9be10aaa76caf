import type { ClientOptions, ClientPlugin } from '@temporalio/client';
import { SimplePlugin, type SimplePluginOptions } from '@temporalio/plugin';
import type { BundleOptions, BundlerPlugin, NativeConnectionPlugin, ReplayWorkerOptions, Worker, WorkerOptions, WorkerPlugin } from '@temporalio/worker';
import type { Binding } from '../../core/binding.ts';
import { checkOptions, resolveConfig } from '../../core/config.ts';
import type { OpenBoxOptions } from '../../core/config-options.ts';
import { startGoverned } from '../../core/openbox.ts';
import { governedCode, withOurModules } from './bundle.ts';
import { endUnused } from './end-unused.ts';
import { governanceOf, markGoverned } from './governance.ts';
import { type GovernedOptions, governedOptions } from './governed-options.ts';
import { createGovernedRun } from './governed-run.ts';
import { partTaken } from './kept-options.ts';
import { withTraceInterceptor } from './trace-interceptor.ts';

/** `SimplePlugin` but for hooks of ours that return a promise: Temporal awaits them, its own class does not say so. */
const Simple: new (options: SimplePluginOptions) => Omit<SimplePlugin, 'configureClient' | 'configureWorker' | 'configureReplayWorker' | 'configureBundler' | 'runWorker'> = SimplePlugin;

/** The plugin of a runtime, which brings its binding. Works for as many workers as it is given to, each on its own. */
export class GovernancePlugin extends Simple implements ClientPlugin, WorkerPlugin, BundlerPlugin, NativeConnectionPlugin {
  readonly #binding: Binding;
  readonly #options: OpenBoxOptions;

  /** Throws `OpenBoxConfigError` for an unknown or a wrong option; one that is missing shows when a worker is created. */
  constructor(binding: Binding, options: OpenBoxOptions) {
    checkOptions(options);
    super({ name: '@openbox-ai/temporal-sdk' });
    this.#binding = binding;
    this.#options = { ...options };
  }

  /**
   * Adds governance to a worker's options, once. Throws `OpenBoxConfigError` or a kind of it where it could not begin
   * with the worker's run; nothing of it is open until then.
   */
  async configureWorker(given: WorkerOptions): Promise<WorkerOptions> {
    // By this plugin, which stands on the connection too, or by another way.
    if (governanceOf(given) !== undefined) return given;
    const config = resolveConfig(this.#options, this.#binding.env());
    let governed: GovernedOptions | undefined;
    const run = createGovernedRun(this.#binding, config, ({ options }) => governed?.check(options));
    governed = await governedOptions({ config, interceptor: run.interceptor, activities: markGoverned(run.activities, run) }, given);
    // A rehearsal: whatever becomes of the worker, what cannot begin is known now and nothing is left behind.
    await (await startGoverned(this.#binding, this.#options, 'temporal')).openbox.close();
    return governed.options;
  }

  /** Governs from the worker's start to its end. */
  async runWorker(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void> {
    const governance = governanceOf(worker.options);
    if (governance !== undefined) return governance.run(worker, next);
    await endUnused(worker, () => next(worker));
    throw partTaken();
  }

  /** Hands the caller's trace of OpenTelemetry on to the workflows it starts. */
  configureClient(given: ClientOptions): ClientOptions {
    return this.#options.openTelemetry === false ? given : withTraceInterceptor(given);
  }

  /** Puts our interceptors into a bundle; that needs neither URL nor key. */
  configureBundler(given: BundleOptions): BundleOptions {
    return { ...given, workflowInterceptorModules: withOurModules(given.workflowInterceptorModules) };
  }

  /** Throws `OpenBoxConfigError` for a bundle without our interceptors, which histories of ours do not replay with. */
  async configureReplayWorker(given: ReplayWorkerOptions): Promise<ReplayWorkerOptions> {
    if (given.workflowBundle !== undefined) await governedCode(given.workflowBundle);
    return given;
  }
}
