import type { Context } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInterceptorsFactory } from '@temporalio/worker';
import { runActivity } from '../../core/activity.ts';
import { ApprovalPendingError, GovernanceBlockedError } from '../../core/errors.ts';
import { EVENT_ACTIVITY } from '../../core/event.ts';
import type { Governor } from '../../core/governor.ts';
import { inSpan } from '../../core/in-span.ts';
import { activityInfo, createActivityHost } from './activity-host.ts';
import { settleApprovals } from './approvals.ts';
import { toFailure } from './failures.ts';
import { type Heartbeats, openHeartbeats } from './heartbeats.ts';
import { isGoverned } from './patches.ts';
import { firstRunIdOf } from './terminate.ts';
import { traceOf } from './workflow/trace-headers.ts';

type Next = (input: ActivityExecuteInput) => Promise<unknown>;

/** Runs every activity of a worker under governance. Comes first among the interceptors: it sees what really runs. */
export function createActivityInterceptor(governor: Governor): ActivityInterceptorsFactory {
  return (context) => {
    const { activityType, taskQueue } = context.info;
    const { config } = governor;
    if (activityType === EVENT_ACTIVITY) return { inbound: { execute: (input, next) => executeEvent(governor, input, next) } };
    if (config.skipActivityTypes.has(activityType) || !isGoverned(config, taskQueue)) return {};
    // Before other interceptors are made: they and the activity see the user's own heartbeat details.
    const heartbeats = openHeartbeats(context, governor);
    return { inbound: { execute: (input, next) => execute(governor, context, heartbeats, input, next) } };
  };
}

async function execute(governor: Governor, context: Context, heartbeats: Heartbeats, input: ActivityExecuteInput, next: Next): Promise<unknown> {
  const { config, ports } = governor;
  const began = ports.clock.monotonic();
  const info = activityInfo(context.info);
  warnWhereUntold(governor, context, input);
  const host = createActivityHost(context, config, heartbeats, input.headers, ports.clock.now());
  try {
    // Approvals that were opened before governance came to observe only are waited for no more.
    const args = config.mode === 'observe' ? input.args : await settleApprovals(governor, info, input.args, host, heartbeats);
    return await runActivity(governor, info, args, (redacted) => next({ ...input, args: [...redacted] }), host);
  } catch (error) {
    if (!(error instanceof ApprovalPendingError)) throw toFailure(error);
    if (!host.repeatable) throw toFailure(cannotWait(error));
    heartbeats.remember({ ...heartbeats.approvals, pending: error.pending });
    const { intervalMs = config.hitlPollIntervalMs } = heartbeats.approvals;
    throw toFailure(error, {
      nextRetryDelay: Math.max(1, Math.round(intervalMs - (ports.clock.monotonic() - began))),
      category: ApplicationFailureCategory.BENIGN,
    });
  }
}

/** The activity that sends workflow events is not governed; its questions belong to the workflow's trace all the same. */
async function executeEvent({ ports }: Governor, input: ActivityExecuteInput, next: Next): Promise<unknown> {
  const described = { name: `activity ${EVENT_ACTIVITY}`, kind: 'INTERNAL', attributes: {} } as const;
  const span = ports.tracer.shown?.(described, traceOf(input.headers));
  return span === undefined ? next(input) : inSpan(span, () => next(input));
}

/** Workflows of a bundle without our interceptors run ungoverned; their activities are what shows it. */
function warnWhereUntold({ warnings }: Governor, { info }: Context, { headers }: ActivityExecuteInput): void {
  if (info.workflowExecution === undefined || firstRunIdOf(headers) !== undefined) return;
  warnings.warn(
    `untold ${info.workflowType}`,
    `Workflow type "${info.workflowType}" runs without the interceptors of OpenBox, so its own events are not sent: bundle it with OpenBoxPlugin or with workflowInterceptorModules`,
  );
}

/** Only a synchronous operation gets here: every other waits in place where the activity cannot run again. */
function cannotWait({ message, pending }: ApprovalPendingError): GovernanceBlockedError {
  const [first] = pending;
  return new GovernanceBlockedError(
    `Governance blocked: ${message}; a synchronous operation cannot wait for it, and this activity cannot run again: allow it another attempt, or use an asynchronous operation`,
    { verdict: 'require_approval', reason: first?.reason ?? message, identifier: first?.identifier },
  );
}
