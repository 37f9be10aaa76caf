import type { ActivityExecuteInput, ActivityInterceptorsFactory, Worker } from '@temporalio/worker';
import type { Binding } from '../../core/binding.ts';
import type { Config } from '../../core/config.ts';
import { OpenBoxConfigError } from '../../core/errors.ts';
import { type Opened, openGoverned } from '../../core/openbox.ts';
import { createActivityInterceptor } from './activity-interceptor.ts';
import { endUnused } from './end-unused.ts';
import { toFailure } from './failures.ts';
import type { Governance } from './governance.ts';
import { createActivities, type GovernanceActivities } from './our-activities.ts';
import { warnAtStart } from './start-warnings.ts';

/** Governance that lives as long as a worker runs, and what of it stands in the worker's options before that. */
export interface GovernedRun extends Governance {
  readonly interceptor: ActivityInterceptorsFactory;
  readonly activities: GovernanceActivities;
}

interface Running extends Opened {
  /** The patches are there. */
  readonly started: Promise<void>;
}

/** `check` throws where the worker lacks a part of what governs it. */
export function createGovernedRun(binding: Binding, config: Config, check: (worker: Worker) => void): GovernedRun {
  let begun = false;
  let running: Running | undefined;
  const current = (): Running => {
    if (running !== undefined) return running;
    throw toFailure(notRunning());
  };

  const begin = (): Running => {
    // The key was checked before the worker was created.
    const opened = openGoverned(binding, { ...config, validateApiKey: false }, 'temporal');
    return (running = { ...opened, started: opened.start() });
  };

  return {
    interceptor(context) {
      // A factory that throws would take the worker with it.
      if (running === undefined) return { inbound: { execute: async () => current() } };
      const { governor, started } = running;
      const { inbound } = createActivityInterceptor(governor)(context);
      if (inbound?.execute === undefined) return {};
      const execute = inbound.execute.bind(inbound);
      return {
        inbound: {
          async execute(input: ActivityExecuteInput, next) {
            await started.catch((error: unknown) => {
              throw toFailure(error);
            });
            return execute(input, next);
          },
        },
      };
    },

    activities: createActivities(() => current().governor),

    async run(worker, next) {
      if (begun) return next(worker);
      begun = true;
      const goOn = async (): Promise<void> => next(worker);
      try {
        check(worker);
      } catch (error) {
        await endUnused(worker, goOn);
        throw error;
      }
      const { openbox, governor, started } = begin();
      warnAtStart(governor, worker.options);
      // In this tick, so that the worker's state is what the caller expects after `run()`.
      const ran = goOn();
      // Nobody waits for it before the worker has ended.
      ran.catch(() => undefined);
      try {
        await started;
      } catch (error) {
        await endUnused(worker, () => ran).catch(() => undefined);
        throw error;
      }
      try {
        await ran;
      } finally {
        await openbox.close();
      }
    },
  };
}

function notRunning(): OpenBoxConfigError {
  return new OpenBoxConfigError(
    'Governance has not begun with this worker: expected OpenBoxPlugin among the plugins that run it; another plugin replaces the list of plugins, put it before OpenBoxPlugin',
    { option: 'plugins' },
  );
}
