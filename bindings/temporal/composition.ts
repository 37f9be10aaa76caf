import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { ActivityInterceptorsFactory } from '@temporalio/worker';
import { EVENT_ACTIVITY } from '../../core/event.ts';
import type { Logger } from '../../core/ports/logger.ts';
import type { GovernanceActivities } from './our-activities.ts';

/** The two parts of a worker that run its activities. */
interface ActivityParts {
  readonly interceptor: ActivityInterceptorsFactory;
  readonly activities: GovernanceActivities;
}

const MISSING =
  'This worker sends workflow events but does not govern its activities: its interceptors.activity lacks the interceptor of OpenBox; spread initialize(…).interceptors into the options of Worker.create';

/**
 * A worker that is composed by hand may lack the interceptor; the activity that sends events sees whether it has run,
 * and fails where it has not: nothing would say so otherwise.
 */
export function checkComposition({ interceptor, activities }: ActivityParts, logger: Logger): ActivityParts {
  const intercepted = new WeakSet<Context>();
  return {
    interceptor: (context) => {
      intercepted.add(context);
      return interceptor(context);
    },
    activities: {
      ...activities,
      [EVENT_ACTIVITY]: async (input) => {
        if (intercepted.has(Context.current())) return activities[EVENT_ACTIVITY](input);
        logger.error(MISSING);
        throw ApplicationFailure.nonRetryable(MISSING, 'OpenBoxConfigError');
      },
    },
  };
}
