import type { Context } from '@temporalio/activity';
import { ApplicationFailureCategory } from '@temporalio/common';
import type { ActivityExecuteInput, ActivityInterceptorsFactory } from '@temporalio/worker';
import type { ActivityInfo } from '../../core/activity-info.ts';
import { finishActivity, runActivity } from '../../core/activity.ts';
import { untilNextLook } from '../../core/approval.ts';
import { ApprovalPendingError, GovernanceBlockedError } from '../../core/errors.ts';
import type { Governor } from '../../core/governor.ts';
import type { Grant } from '../../core/grants.ts';
import { inSpan } from '../../core/in-span.ts';
import { logWait, waitingFor } from '../../core/waiting-for.ts';
import { createActivityHost } from './activity-host.ts';
import { activityInfo } from './activity-info.ts';
import { settleApprovals } from './approvals.ts';
import { disowned } from './disowned.ts';
import { toFailure } from './failures.ts';
import { firstRunIdOf } from './header-fields.ts';
import { type Heartbeats, openHeartbeats } from './heartbeats.ts';
import { isGoverned } from './patches.ts';
import { pendingFailure } from './pending-failure.ts';
import { raiseLimit } from './raise-limit.ts';
import { readScheduling } from './scheduling.ts';
import { OUR_ACTIVITIES } from './workflow/protocol.ts';
import { traceOf } from './workflow/trace-headers.ts';

type Next = (input: ActivityExecuteInput) => Promise<unknown>;

/** Runs every activity of a worker under governance. Comes first among the interceptors: it sees what really runs. */
export function createActivityInterceptor(governor: Governor): ActivityInterceptorsFactory {
  return (context) => {
    const { activityType, taskQueue } = context.info;
    const { config } = governor;
    if (OUR_ACTIVITIES.has(activityType)) return { inbound: { execute: (input, next) => executeOurs(governor, activityType, input, next) } };
    // Before other interceptors are made: they and the activity see the user's own heartbeat details.
    const heartbeats = openHeartbeats(context, governor);
    const run = config.skipActivityTypes.has(activityType) || !isGoverned(config, taskQueue) ? ungoverned : execute;
    return { inbound: { execute: (input, next) => run(governor, context, heartbeats, input, next) } };
  };
}

type Run = (governor: Governor, context: Context, heartbeats: Heartbeats, input: ActivityExecuteInput, next: Next) => Promise<unknown>;

/** Also where governance was taken off while an approval was waited for. */
const ungoverned: Run = async (governor, context, heartbeats, input, next) => {
  const { args, end } = readScheduling(governor, context, input, heartbeats);
  if (end !== undefined) return end.output;
  try {
    return await next({ ...input, args: [...args] });
  } catch (error) {
    throw disowned(error);
  }
};

const execute: Run = async (governor, context, heartbeats, input, next) => {
  const { config, ports } = governor;
  const began = ports.clock.monotonic();
  const scheduling = readScheduling(governor, context, input, heartbeats);
  const info = activityInfo(context.info);
  warnWhereUntold(governor, context, input);
  const host = createActivityHost(context, governor, heartbeats, scheduling, input.headers);
  try {
    const { end } = scheduling;
    // Approvals that were opened before governance came to observe only are waited for no more.
    const args = config.mode === 'observe' ? scheduling.args : await settleApprovals(governor, info, scheduling.args, host, heartbeats);
    if (end !== undefined) return await finishActivity(governor, info, args, end, host);
    return await runActivity(governor, info, args, (redacted) => next({ ...input, args: [...redacted] }), host);
  } catch (error) {
    if (!(error instanceof ApprovalPendingError)) throw toFailure(disowned(error));
    if (scheduling.waits) throw pendingFailure(governor, context, error, { args: scheduling.args, granted: host.grants.all() }, heartbeats);
    if (host.approval === 'here') throw toFailure(cannotWait(error));
    await haveAttempt(context, error, heartbeats);
    rememberWait(governor, info, error, heartbeats, host.grants.all());
    const { intervalMs = config.hitlPollIntervalMs } = heartbeats.approvals;
    throw toFailure(error, {
      nextRetryDelay: untilNextLook(ports.clock, intervalMs, began, error.pending),
      category: ApplicationFailureCategory.BENIGN,
    });
  }
};

/** For the looks that are the activity's own retries. Thrown by such a look, the error has what is remembered already. */
function rememberWait(governor: Governor, info: ActivityInfo, { pending }: ApprovalPendingError, heartbeats: Heartbeats, granted: readonly Grant[]): void {
  const begins = pending !== heartbeats.approvals.pending;
  const since = begins ? governor.ports.clock.now() : heartbeats.approvals.since;
  heartbeats.remember({ ...heartbeats.approvals, pending, granted, since });
  if (begins) logWait(governor, waitingFor(info.activityType, pending, since), info);
}

/** Where the activity's own retries are the looks, none of them is to be one of the user's. */
async function haveAttempt(context: Context, error: ApprovalPendingError, heartbeats: Heartbeats): Promise<void> {
  const { attempt, retryPolicy } = context.info;
  const { maximumAttempts = 0 } = retryPolicy ?? {};
  if (maximumAttempts === 0) return;
  try {
    await raiseLimit(context);
    const { raised = 0 } = heartbeats.approvals;
    heartbeats.remember({ ...heartbeats.approvals, raised: raised + 1 });
  } catch (cause) {
    if (attempt < maximumAttempts) return;
    throw toFailure(
      new ApprovalPendingError(
        `${error.message}; nobody waits for it: this was the last attempt, the workflow has no interceptors of OpenBox, and Temporal did not let us add an attempt (${String(cause)}). Bundle the workflow with them, or allow more attempts`,
        { pending: error.pending },
      ),
    );
  }
}

/** Our own activities are not governed; their questions belong to the workflow's trace all the same. */
async function executeOurs({ ports }: Governor, activityType: string, input: ActivityExecuteInput, next: Next): Promise<unknown> {
  const described = { name: `activity ${activityType}`, kind: 'INTERNAL', attributes: {} } as const;
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
