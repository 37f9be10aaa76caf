import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { EVENT_ACTIVITY } from '../../core/event.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { GovernanceActivities } from './our-activities.ts';
import { AWAIT_ACTIVITY } from './workflow/protocol.ts';

/** The two parts of a worker that run its activities. */
interface ActivityParts {
  readonly interceptor: ActivityInterceptorsFactory;
  readonly activities: GovernanceActivities;
}

const NO_INTERCEPTOR =
  'This worker sends workflow events but does not govern its activities: its interceptors.activity lacks the interceptor of OpenBox; spread initialize(…).interceptors into the options of Worker.create';

const notOurs = (name: string): string =>
  `This worker has an activity ${name} that is not the one of OpenBox: rename it, and spread initialize(…).activities into the options of Worker.create`;

/**
 * A worker that is composed by hand may lack the interceptor, or have activities of its own by our names: our activities
 * see whether the interceptor has run, and it sees whether they have, and each fails where not. Nothing would say so otherwise.
 */
export function checkComposition({ interceptor, activities }: ActivityParts, logger: Logger): ActivityParts {
  const intercepted = new WeakSet<Context>();
  const ran = new WeakSet<Context>();
  const refusal = (message: string, nonRetryable: boolean): ApplicationFailure => {
    logger.error(message);
    return ApplicationFailure.create({ message, type: 'OpenBoxConfigError', nonRetryable });
  };
  /** `final`: whether another worker could do no better. */
  const enter = (final: boolean): void => {
    ran.add(Context.current());
    if (!intercepted.has(Context.current())) throw refusal(NO_INTERCEPTOR, final);
  };
  return {
    interceptor: (context) => {
      intercepted.add(context);
      const { activityType } = context.info;
      const { inbound, ...others } = interceptor(context);
      const execute = inbound?.execute?.bind(inbound);
      if (execute === undefined || !Object.hasOwn(activities, activityType)) return { ...others, ...(inbound && { inbound }) };
      return {
        ...others,
        inbound: {
          async execute(input, next) {
            const result: unknown = await execute(input, next);
            if (ran.has(context)) return result;
            throw refusal(notOurs(activityType), true);
          },
        },
      };
    },
    activities: {
      [EVENT_ACTIVITY]: async (input) => {
        enter(true);
        return activities[EVENT_ACTIVITY](input);
      },
      [AWAIT_ACTIVITY]: async (input) => {
        enter(false);
        return activities[AWAIT_ACTIVITY](input);
      },
    },
  };
}
