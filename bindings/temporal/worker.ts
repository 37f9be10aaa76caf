import { NativeConnection, type State, Worker } from '@temporalio/worker';
import type { Binding } from '../../core/binding.ts';
import type { CoverageReportRow } from '../../core/coverage.ts';
import type { AsyncEnd } from '../../core/disposable.ts';
import { OpenBoxConfigError } from '../../core/errors.ts';
import { endUnused } from './end-unused.ts';
import { governedOptions } from './governed-options.ts';
import { startTemporal } from './initialize.ts';
import { lastPlugin } from './kept-options.ts';
import { type OpenBoxWorkerOptions, splitOptions } from './options.ts';
import { warnAtStart } from './start-warnings.ts';

/** A Temporal worker under governance. It runs once, and with it ends what it started. */
export interface OpenBoxWorker extends AsyncEnd {
  /** Temporal's own worker. */
  readonly worker: Worker;
  /** Runs until `shutdown` or a signal of the process; then drains reports and closes. */
  run(): Promise<void>;
  /** Runs until `fnOrPromise` has settled; then drains reports and closes. */
  runUntil<R>(...args: Parameters<typeof Worker.prototype.runUntil<R>>): Promise<R>;
  /** Begins to shut down; `run` returns when that is done. */
  shutdown(): void;
  getState(): State;
  /** Every route out of this runtime, and whether it is governed in this process. */
  coverageReport(): readonly CoverageReportRow[];
  /**
   * Shuts the worker down where it runs, waits for its reports, takes the patches off and ends the connections that
   * were opened here. Safe to call twice.
   */
  close(): Promise<void>;
}

/**
 * Creates a Temporal worker whose workflows and activities are governed: Temporal's options and ours in one object.
 *
 * Throws `OpenBoxConfigError` or a kind of it where governance cannot start, else what Temporal throws; either way
 * nothing that was started is left behind.
 */
export async function createOpenBoxWorker(binding: Binding, options: OpenBoxWorkerOptions): Promise<OpenBoxWorker> {
  const { worker: given, openbox } = splitOptions(options);
  /** In order of starting; ended from the last to the first. */
  const endings: (() => Promise<void>)[] = [];
  const end = async (): Promise<void> => {
    const failures: unknown[] = [];
    for (const ending of endings.splice(0).toReversed()) await ending().catch((failure: unknown) => failures.push(failure));
    if (failures.length > 0) throw failures[0];
  };
  try {
    const { parts, governor } = await startTemporal(binding, openbox);
    endings.push(parts.close);
    const connection = given.connection ?? (await connectLocally());
    if (given.connection === undefined) endings.push(() => connection.close());
    const { interceptors, activities } = parts;
    const ours = { config: governor.config, interceptor: interceptors.activity[0], activities };
    const { options: governed, check } = await governedOptions(ours, { ...given, connection });
    const worker = await Worker.create({ ...governed, plugins: [...(governed.plugins ?? []), lastPlugin(governed)] });
    const running = createRun(worker, end);
    endings.push(running.stop);
    // The connection's plugins come after all of ours.
    check(worker.options);
    warnAtStart(governor, worker.options);
    return {
      worker,
      run: () => running.run(() => worker.run()),
      runUntil: (...args) => running.run(() => worker.runUntil(...args)),
      shutdown: () => worker.shutdown(),
      getState: () => worker.getState(),
      coverageReport: parts.coverageReport,
      close: running.close,
      [Symbol.asyncDispose]: running.close,
    };
  } catch (error) {
    await end().catch(() => undefined);
    throw error;
  }
}

/** What Temporal says of a server that is not there names no address, for it was none of the user's. */
async function connectLocally(): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect();
  } catch (cause) {
    throw new OpenBoxConfigError(
      'No Temporal server answers at localhost:7233, which is where a worker without the option connection looks: start one (temporal server start-dev), or give a connection',
      { option: 'connection', cause },
    );
  }
}

interface Run {
  run<R>(go: () => Promise<R>): Promise<R>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

/** The one run of a worker, and its end, whichever way that comes. */
function createRun(worker: Worker, end: () => Promise<void>): Run {
  let stopped: Promise<unknown> = Promise.resolve();
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= end());
  return {
    close,
    async run(go) {
      // Throws: a worker runs once.
      if (worker.getState() !== 'INITIALIZED') return go();
      const running = go();
      stopped = running.catch(() => undefined);
      try {
        return await running;
      } finally {
        await close();
      }
    },
    async stop() {
      if (worker.getState() === 'RUNNING') worker.shutdown();
      else if (worker.getState() === 'INITIALIZED') await endUnused(worker, () => worker.run());
      await stopped;
    },
  };
}
