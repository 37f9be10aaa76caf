import { Context } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import { untilNextLook } from '../../core/approval.ts';
import { ApprovalPendingError } from '../../core/errors.ts';
import type { Governor } from '../../core/governor.ts';
import { activityInfo } from './activity-info.ts';
import { lookAtApprovals } from './approvals.ts';
import { toFailure } from './failures.ts';
import { type Approvals, openHeartbeats } from './heartbeats.ts';
import { openSealed, sealText } from './sealed.ts';
import { terminate } from './terminate.ts';
import { AWAIT_ACTIVITY, type AwaitInput, type AwaitOutput } from './workflow/protocol.ts';

/** The activity that waits for approvals, by its name. */
export type AwaitActivity = Readonly<Record<typeof AWAIT_ACTIVITY, (input: AwaitInput) => Promise<AwaitOutput>>>;

/** Of the 10 seconds that the workflow gives to one look. */
const LOOK_MS = 8_000;

/** Looks once at what is waited for; the retries that Temporal makes of it are the next looks. */
export function createAwaitActivity(governor: Governor): AwaitActivity {
  return {
    async [AWAIT_ACTIVITY]({ activityId, activityType, firstExecutionRunId, state }) {
      const context = Context.current();
      const { clock } = governor.ports;
      const began = clock.monotonic();
      const info = { ...activityInfo(context.info), activityId, activityType };
      const heartbeats = openHeartbeats(context, governor);
      if (heartbeats.approvals.pending.length + heartbeats.approvals.granted.length === 0) {
        const sealed = openSealed(governor, 'pending', info, state) as Approvals | undefined;
        if (sealed === undefined) return {};
        heartbeats.remember(sealed);
      }
      try {
        // Governance came to observe only meanwhile: nobody is waited for any more.
        if (governor.config.mode === 'enforce') await lookAtApprovals(
          governor,
          info,
          {
            signal: context.cancellationSignal,
            firstRunId: firstExecutionRunId,
            deadline: clock.now() + LOOK_MS,
            halt: ({ message }) => terminate(context, firstExecutionRunId, message),
          },
          heartbeats,
        );
      } catch (error) {
        if (!(error instanceof ApprovalPendingError)) throw toFailure(error);
        const { intervalMs = governor.config.hitlPollIntervalMs } = heartbeats.approvals;
        throw toFailure(error, {
          nextRetryDelay: untilNextLook(clock, intervalMs, began, error.pending),
          category: ApplicationFailureCategory.BENIGN,
        });
      }
      const { granted, changes } = heartbeats.approvals;
      return { grants: sealText(governor, 'grants', info, granted), ...(changes && { changes }) };
    },
  };
}
