/**
 * OpenBox governance for Temporal workers on Node. Importing starts nothing.
 *
 * @module
 */
import type { OpenBoxOptions } from '../../core/index.ts';
import { initialize as initializeWith, type OpenBoxTemporal } from '../temporal/initialize.ts';
import type { OpenBoxWorkerOptions } from '../temporal/options.ts';
import { GovernancePlugin } from '../temporal/plugin.ts';
import { createWithSpan, type WithSpan } from '../temporal/with-span.ts';
import { createOpenBoxWorker as createWorkerWith, type OpenBoxWorker } from '../temporal/worker.ts';
import { nodeBinding, nodeGate } from './binding.ts';

export * from '../temporal/public.ts';

/**
 * Creates a Temporal worker whose workflows and activities are governed: Temporal's worker options and ours, side by
 * side. Where no `connection` is given it opens one to localhost:7233 and closes it with the worker.
 *
 * Throws `OpenBoxConfigError` or a kind of it where governance cannot start, else what Temporal throws; either way
 * nothing that was started is left behind.
 */
export function createOpenBoxWorker(options: OpenBoxWorkerOptions): Promise<OpenBoxWorker> {
  return createWorkerWith(nodeBinding, options);
}

/**
 * Governance as a Temporal plugin: on `Worker`, `NativeConnection` and `Client` in any combination, and on
 * `bundleWorkflowCode`. It takes effect once per worker, from the start of its run to its end.
 *
 * `Worker.create` throws `OpenBoxConfigError` or a kind of it where governance could not begin.
 */
export class OpenBoxPlugin extends GovernancePlugin {
  /** Throws `OpenBoxConfigError` for a wrong option. URL and key may be missing where only a bundle is made. */
  constructor(options: OpenBoxOptions = {}) {
    super(nodeBinding, options);
  }
}

/**
 * Starts governance and returns the parts of a governed worker, for those who call `Worker.create` themselves.
 *
 * Throws `OpenBoxConfigError` or a kind of it, and leaves nothing behind then.
 */
export function initialize(options: OpenBoxOptions = {}): Promise<OpenBoxTemporal> {
  return initializeWith(nodeBinding, options);
}

/** Makes a piece of code inside an activity one operation that is asked about; outside an activity it just runs. */
export const withSpan: WithSpan = createWithSpan(nodeGate);
