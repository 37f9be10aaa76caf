import type { ActivityHost } from '../../core/activity-host.ts';
import type { ActivityInfo } from '../../core/activity-info.ts';
import { STARTED } from '../../core/activity.ts';
import type { Answer } from '../../core/answer.ts';
import { awaitApproval, nextInterval, readStatus } from '../../core/approval.ts';
import { createWaits, type Waits } from '../../core/approval-waits.ts';
import { unfitting } from '../../core/enforce.ts';
import { ApprovalPendingError, GovernanceHaltError, OpenBoxError, type PendingApproval } from '../../core/errors.ts';
import { activityFingerprint } from '../../core/fingerprint.ts';
import type { Governor } from '../../core/governor.ts';
import { haltWorkflow } from '../../core/halt.ts';
import { expiredAsHalt } from '../../core/question.ts';
import { redactArguments } from '../../core/redaction.ts';
import { waitingFor } from '../../core/waiting-for.ts';
import type { TemporalActivityHost } from './activity-host.ts';
import type { Approvals, Heartbeats } from './heartbeats.ts';
import { CHANGED, grantFor } from './scheduling.ts';

/** From where approvals are looked at. */
export interface Looking extends Pick<ActivityHost, 'signal' | 'deadline' | 'parent' | 'halt' | 'firstRunId'> {
  /** Stays until all are decided, instead of looking once. */
  readonly stays?: boolean;
}

/**
 * Looks at the approvals that earlier attempts left open, and returns the arguments to run with: an approver may have
 * changed them. Where this attempt is the last, it waits here until all are decided.
 *
 * Throws as `lookAtApprovals`.
 */
export async function settleApprovals(
  governor: Governor,
  info: ActivityInfo,
  input: readonly unknown[],
  host: TemporalActivityHost,
  heartbeats: Heartbeats,
): Promise<readonly unknown[]> {
  const alive = host.keepAlive?.();
  try {
    await lookAtApprovals(governor, info, { ...host, stays: host.approval === 'here' }, heartbeats);
  } finally {
    alive?.();
  }
  const { granted, changes } = heartbeats.approvals;
  const args = changes === undefined ? input : changed(input, changes.value, info.activityType);
  for (const grant of granted) host.grants.add(grantFor(governor, info.activityType, grant, args));
  return args;
}

function changed(input: readonly unknown[], changes: unknown, activityType: string): readonly unknown[] {
  const redaction = redactArguments(input, changes);
  if (!redaction.ok) throw unfitting(redaction.problem, activityType);
  return redaction.value;
}

/**
 * Looks at the approvals that are open, and remembers what was decided. Throws `ApprovalPendingError` while one is open,
 * and what stops the activity where a human said no, or nobody said anything in time.
 */
export async function lookAtApprovals(governor: Governor, info: ActivityInfo, looking: Looking, heartbeats: Heartbeats): Promise<void> {
  try {
    const waits = createWaits(heartbeats.approvals.pending);
    for (const approval of waits.open) {
      if (!heartbeats.approvals.pending.includes(approval)) continue;
      const { about, answer } = await (looking.stays === true ? stay : look)(governor, info, approval, looking, heartbeats, waits);
      if (answer !== undefined) heartbeats.remember(withGrant(governor, info, heartbeats.approvals, about, answer));
    }
  } catch (error) {
    const stop = error instanceof OpenBoxError ? expiredAsHalt(governor, error) : error;
    if (!(stop instanceof GovernanceHaltError)) throw stop;
    const { halt, firstRunId } = looking;
    throw await haltWorkflow(governor, { workflowId: info.workflowId, runId: info.runId, firstRunId }, stop, halt);
  }
  const { pending, since } = heartbeats.approvals;
  if (pending.length > 0) throw new ApprovalPendingError(waitingFor(info.activityType, pending, since), { pending });
}

type Look = (
  governor: Governor,
  info: ActivityInfo,
  approval: PendingApproval,
  host: Looking,
  heartbeats: Heartbeats,
  waits: Waits,
) => Promise<{ readonly about: PendingApproval; readonly answer: Answer | undefined }>;

const stay: Look = async (governor, info, approval, host, _heartbeats, waits) => ({ about: approval, answer: await awaitApproval(governor, info, approval, host, waits) });

const look: Look = async (governor, info, approval, { signal, deadline, parent }, heartbeats) => {
  // Of those that are open still: told of twice, a grant would be good twice.
  const { about, status } = await governor.client.approval(info, approval, { signal, deadline, parent }, heartbeats.approvals.pending);
  const { intervalMs = governor.config.hitlPollIntervalMs } = heartbeats.approvals;
  const next = nextInterval(governor.config, intervalMs, status);
  if (next !== intervalMs) heartbeats.remember({ ...heartbeats.approvals, intervalMs: next });
  return { about, answer: readStatus(governor, info, status) };
};

/**
 * The approval counted as given; throws where what it brings with it cannot be followed. Others that have no id are
 * asked again: the same answer would seem to grant them too. Contract §6.
 */
function withGrant(governor: Governor, { activityType }: ActivityInfo, approvals: Approvals, approval: PendingApproval, { guardrails }: Answer): Approvals {
  const { step, place, parts, approvalId, identifier, round } = approval;
  const { redacted, inputType } = guardrails ?? {};
  const isStart = place === activityFingerprint(governor, STARTED, activityType, undefined)?.place;
  if (redacted !== undefined && (!isStart || inputType !== 'activity_input')) {
    throw unfitting(`an approval that changes ${inputType} does not apply to "${identifier}"`, identifier);
  }
  return {
    ...approvals,
    pending: approvals.pending.filter((other) => other !== approval && other.approvalId !== null),
    granted: [...approvals.granted, { step: redacted === undefined ? step : CHANGED, place, parts, approvalId, round }],
    ...(redacted && { changes: redacted }),
  };
}
