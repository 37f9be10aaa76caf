import { drain } from './attempt.ts';
import type { Binding } from './binding.ts';
import { type OpenBoxOptions, resolveConfig } from './config.ts';
import { type CoverageReportRow, reportCoverage } from './coverage.ts';
import { createGate } from './gate.ts';
import { createGovernor, type Engine, type Governor } from './governor.ts';
import { runWorkflow, type WorkflowOptions, type WorkflowScope } from './workflow.ts';

/** Governance, started: everything until `close` goes by one configuration. */
export interface OpenBox {
  readonly governor: Governor;
  /** Runs an agent that is no Temporal workflow; see `runWorkflow`. */
  runWorkflow<A extends readonly unknown[] | [], R>(
    options: WorkflowOptions,
    input: A,
    body: (scope: WorkflowScope, ...input: A) => Promise<R>,
  ): Promise<R>;
  /** Every route out of this runtime, and whether it is governed in this process. */
  coverageReport(): readonly CoverageReportRow[];
  /** Drains reports, takes the patches off and ends the connections to Core. Safe to call twice. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * Starts governance on a runtime. Asks Core whether the key is valid unless `validateApiKey` is false.
 *
 * Throws `OpenBoxConfigError` or a kind of it; nothing half-started is left behind.
 */
export async function startOpenBox(binding: Binding, options: OpenBoxOptions, engine: Engine): Promise<OpenBox> {
  const config = resolveConfig(options, binding.env());
  const { scopes, installed } = binding.slot();
  const { ports, close: closePorts } = binding.open(config);
  const governor = createGovernor(config, ports, scopes, engine);
  let uninstall: () => void;
  try {
    if (config.validateApiKey) await governor.client.validate();
    uninstall = binding.install(config, ports, createGate(scopes));
  } catch (error) {
    await closePorts();
    throw error;
  }

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      const own = [...scopes.running].filter((attempt) => attempt.governor === governor);
      await Promise.all(own.map(drain));
      uninstall();
      await closePorts();
    })());

  return {
    governor,
    runWorkflow: (workflow, input, body) => runWorkflow(governor, workflow, input, body),
    coverageReport: () => reportCoverage(binding.coverage, config, installed),
    close,
    [Symbol.asyncDispose]: close,
  };
}
