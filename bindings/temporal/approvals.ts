import type { ActivityInfo } from '../../core/activity-info.ts';
import { STARTED } from '../../core/activity.ts';
import type { Answer } from '../../core/answer.ts';
import { awaitApproval, nextInterval, readStatus } from '../../core/approval.ts';
import { unfitting } from '../../core/enforce.ts';
import { ApprovalPendingError, GovernanceHaltError, OpenBoxError, type PendingApproval } from '../../core/errors.ts';
import type { Governor } from '../../core/governor.ts';
import { expiredAsHalt } from '../../core/question.ts';
import { redactArguments } from '../../core/redaction.ts';
import type { TemporalActivityHost } from './activity-host.ts';
import type { Approvals, Heartbeats } from './heartbeats.ts';

/**
 * Looks at the approvals that earlier attempts left open, and returns the arguments to run with: an approver may have
 * changed them. Where this attempt is the last, it waits here until all are decided.
 *
 * Throws `ApprovalPendingError` while one is open, and what stops the activity where a human said no.
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
    for (const approval of heartbeats.approvals.pending) {
      if (!heartbeats.approvals.pending.includes(approval)) continue;
      const answer = await look(governor, info, approval, host, heartbeats);
      if (answer === undefined) continue;
      heartbeats.remember(granted(heartbeats.approvals, approval, answer));
      host.grants.add(approval.step);
    }
  } catch (error) {
    const stop = error instanceof OpenBoxError ? expiredAsHalt(governor, error) : error;
    if (stop instanceof GovernanceHaltError) await end(governor, info, host, stop);
    throw stop;
  } finally {
    alive?.();
  }
  const { pending, changes } = heartbeats.approvals;
  if (pending.length > 0) throw new ApprovalPendingError(`Awaiting approval for activity "${info.activityType}"`, { pending });
  if (changes === undefined) return input;
  const redaction = redactArguments(input, changes.value);
  if (!redaction.ok) throw unfitting(redaction.problem, info.activityType);
  return redaction.value;
}

async function look(
  governor: Governor,
  info: ActivityInfo,
  approval: PendingApproval,
  host: TemporalActivityHost,
  heartbeats: Heartbeats,
): Promise<Answer | undefined> {
  if (!host.repeatable) return awaitApproval(governor, info, approval, host);
  const { signal, deadline, parent } = host;
  const status = await governor.client.approval(info, approval, { signal, deadline, parent });
  const { intervalMs = governor.config.hitlPollIntervalMs } = heartbeats.approvals;
  heartbeats.remember({ ...heartbeats.approvals, intervalMs: nextInterval(governor.config, intervalMs, status) });
  return readStatus(governor, info, status);
}

/**
 * The approval counted as given; throws where what it brings with it cannot be followed. Others that have no id are
 * asked again: the same answer would seem to grant them too. Contract §6.
 */
function granted(approvals: Approvals, approval: PendingApproval, { guardrails }: Answer): Approvals {
  const { step, identifier } = approval;
  const { redacted, inputType } = guardrails ?? {};
  if (redacted !== undefined && (step !== STARTED || inputType !== 'activity_input')) {
    throw unfitting(`an approval that changes ${inputType} does not apply to "${identifier}"`, identifier);
  }
  return {
    pending: approvals.pending.filter((other) => other !== approval && other.approvalId !== null),
    granted: [...approvals.granted, step],
    ...((redacted ?? approvals.changes) && { changes: redacted ?? approvals.changes }),
  };
}

async function end({ ports }: Governor, info: ActivityInfo, host: TemporalActivityHost, error: GovernanceHaltError): Promise<void> {
  await host.halt(error).catch((cause: unknown) => {
    ports.logger.error(`Could not end the workflow "${info.workflowId}" after a HALT`, { cause });
  });
}
