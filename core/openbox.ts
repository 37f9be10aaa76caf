import { drain, stop } from './attempt.ts';
import type { Binding, Patched } from './binding.ts';
import { type Config, type OpenBoxOptions, resolveConfig } from './config.ts';
import { type CoverageReportRow, reportCoverage } from './coverage.ts';
import type { AsyncEnd } from './disposable.ts';
import { ApprovalTimeoutError, GovernanceBlockedError, OpenBoxConfigError } from './errors.ts';
import { createGate } from './gate.ts';
import { createGovernor, type Engine, type Governor, sdkIdOf, type Stalls } from './governor.ts';
import type { Logger } from './ports/logger.ts';
import { isInstalled, otherVersion, type ProcessSlot } from './slot.ts';
import { runWorkflow, type WorkflowOptions, type WorkflowScope } from './workflow.ts';

/** Governance, started: everything until `close` goes by one configuration. */
export interface OpenBox extends AsyncEnd {
  /** Runs an agent that is no Temporal workflow; see `runWorkflow`. */
  runWorkflow<A extends readonly unknown[] | [], R>(
    options: WorkflowOptions,
    input: A,
    body: (scope: WorkflowScope, ...input: A) => Promise<R>,
  ): Promise<R>;
  /** Every route out of this runtime, and whether it is governed in this process. */
  coverageReport(): readonly CoverageReportRow[];
  /** How long synchronous operations have held this process for Core's answers so far. */
  stalls(): Readonly<Stalls>;
  /**
   * Drains reports, takes the patches off and ends the connections to Core. An activity that still runs is stopped: its
   * next operation is refused, and its patches stay until it has ended; in observe mode it goes on. Safe to call twice.
   */
  close(): Promise<void>;
}

/**
 * Starts governance on a runtime. Asks Core whether the key is valid unless `validateApiKey` is false.
 *
 * Throws `OpenBoxConfigError` or a kind of it; nothing half-started is left behind.
 */
export async function startOpenBox(binding: Binding, options: OpenBoxOptions, engine: Engine): Promise<OpenBox> {
  return (await startGoverned(binding, options, engine)).openbox;
}

/** Governance, started, with what a host of activities needs beside it. */
export interface Governed {
  readonly openbox: OpenBox;
  readonly governor: Governor;
}

/** As `startOpenBox`, for hosts that run activities themselves. */
export async function startGoverned(binding: Binding, options: OpenBoxOptions, engine: Engine): Promise<Governed> {
  const opened = openGoverned(binding, resolveConfig(options, binding.env()), engine);
  await opened.start();
  return opened;
}

/** Governance that can ask, and does not see anything before it is started. */
export interface Opened extends Governed {
  /** Checks the key and patches. Throws as `startOpenBox`, and has closed everything then. */
  start(): Promise<void>;
}

/** For hosts that must have a governor at once, and can wait for the start later. */
export function openGoverned(binding: Binding, config: Config, engine: Engine): Opened {
  const slot = binding.slot();
  const { scopes } = slot;
  const { ports, close: closePorts } = binding.open(config, sdkIdOf(engine));
  const governor = createGovernor(config, ports, scopes, engine);
  let patched: Patched | undefined;
  const start = async (): Promise<void> => {
    try {
      if (config.validateApiKey) await governor.client.validate();
      patched = binding.install(config, createGate(scopes));
      await patched.ready;
      refuseGaps(config, patched, binding.preload);
      sayGaps(slot, governor.ports.logger, patched, binding.preload);
    } catch (error) {
      await close();
      throw error;
    }
  };

  let closing: Promise<void> | undefined;
  const close = (): Promise<void> =>
    (closing ??= (async () => {
      // Under observation nothing is stopped: what still runs goes on, unpatched.
      const own = config.mode === 'observe' ? [] : [...scopes.running].filter((attempt) => attempt.governor === governor);
      for (const attempt of own) stop(attempt, closed(attempt.info.activityType));
      governor.closing.abort(new ApprovalTimeoutError('Nobody decided before governance was closed'));
      await Promise.all(own.map(drain));
      // What is stopped stays stopped: a patch that went before would let its next operation through.
      if (own.length === 0) patched?.uninstall();
      else void Promise.all(own.map(({ finished }) => finished)).then(patched?.uninstall);
      await closePorts();
    })());

  const openbox: OpenBox = {
    runWorkflow: (workflow, input, body) => runWorkflow(governor, workflow, input, body),
    coverageReport: () => reportCoverage(binding.coverage, config, {
        isPatched: (route) => isInstalled(slot, route),
        boundBefore: patched?.boundBefore ?? [],
        preloaded: slot.preloaded === true,
        hasSyncGate: ports.syncGate !== undefined,
      }),
    stalls: () => ({ ...governor.stalls }),
    close,
    [Symbol.asyncDispose]: close,
  };
  return { openbox, governor, start };
}

function closed(activityType: string): GovernanceBlockedError {
  const reason = `governance was closed while activity "${activityType}" ran`;
  return new GovernanceBlockedError(`Governance blocked: ${reason}`, { reason, identifier: activityType });
}

/** With `strict` a route that should be governed and is not keeps governance from starting. */
function refuseGaps({ strict }: Config, patched: Patched, preload?: string): void {
  const problems = gapsOf(patched, preload);
  if (!strict || problems.length === 0) return;
  throw new OpenBoxConfigError(`Option strict is true, and ${problems.map(uncapitalised).join('; and ')}`, { option: 'strict' });
}

/** What stays open, and which versions are here, is said once in a process. */
function sayGaps(slot: ProcessSlot, logger: Logger, patched: Patched, preload?: string): void {
  const { said, preloaded } = slot;
  const once = (level: keyof Logger, text: string): void => {
    if (!said.has(text)) logger[level](text);
    said.add(text);
  };
  const other = otherVersion(slot);
  if (other !== undefined) once('warn', other);
  for (const problem of gapsOf(patched, preload)) once('error', problem);
  if (preload !== undefined && preloaded !== true && patched.boundBefore.length === 0) {
    once('info', `Started without the preload: functions that were taken off their modules before now stay ungoverned; start the process with ${preload}`);
  }
}

function gapsOf({ missing, boundBefore }: Patched, preload = 'a preload'): string[] {
  return [
    ...(missing.length > 0 ? [`These routes could not be patched and stay ungoverned: ${missing.join(', ')}; something has frozen or removed them`] : []),
    ...(boundBefore.length > 0
      ? [`Named imports of built-in modules were bound before governance started and stay ungoverned: start the process with ${preload}; they are ${some(boundBefore)}`]
      : []),
  ];
}

/** As many as a person reads. */
function some(routes: readonly string[]): string {
  const more = routes.length - SHOWN;
  return `${routes.slice(0, SHOWN).join(', ')}${more > 0 ? ` and ${more} more (coverageReport() has them all)` : ''}`;
}

const SHOWN = 10;

function uncapitalised(text: string): string {
  return text.charAt(0).toLowerCase() + text.slice(1);
}
