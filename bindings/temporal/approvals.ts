import type { ActivityInfo } from '../../core/activity-info.ts';
import { STARTED } from '../../core/activity.ts';
import type { Answer } from '../../core/answer.ts';
import { awaitApproval, readStatus } from '../../core/approval.ts';
import { decide, unfitting } from '../../core/enforce.ts';
import { ApprovalPendingError, GovernanceHaltError, OpenBoxError, type PendingApproval } from '../../core/errors.ts';
import type { Governor } from '../../core/governor.ts';
import { expiredAsHalt } from '../../core/question.ts';
import { redactArguments } from '../../core/redaction.ts';
import type { TemporalActivityHost } from './activity-host.ts';
import type { Approvals, Heartbeats } from './heartbeats.ts';

/** Between two looks while Core refuses the key. Contract §5. */
const LONGEST_INTERVAL_MS = 60_000;

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
      const answer = await look(governor, info, approval, host, heartbeats);
      if (answer === undefined) continue;
      heartbeats.remember(granted(heartbeats.approvals, approval, answer, governor));
      host.granted.add(approval.step);
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
  const { signal, deadline } = host;
  const status = await governor.client.approval(info, approval, { signal, deadline });
  const { intervalMs = governor.config.hitlPollIntervalMs, ...approvals } = heartbeats.approvals;
  const refused = status.status === 'pending' && status.unauthorized === true;
  heartbeats.remember({ ...approvals, ...(refused && { intervalMs: Math.max(intervalMs, Math.min(intervalMs * 2, LONGEST_INTERVAL_MS)) }) });
  return readStatus(governor, info, status);
}

/** The approval counted as given; throws where what it brings with it cannot be followed. */
function granted(approvals: Approvals, { step, identifier }: PendingApproval, answer: Answer, { config }: Governor): Approvals {
  const decision = decide({ kind: 'answered', answer }, { identifier }, config);
  if (decision.kind === 'refuse') throw decision.error;
  const { redacted, inputType } = answer.guardrails ?? {};
  if (redacted !== undefined && (step !== STARTED || inputType !== 'activity_input')) {
    throw unfitting(`an approval that changes ${inputType} does not apply to "${identifier}"`, identifier);
  }
  return {
    pending: approvals.pending.filter((other) => other.step !== step),
    granted: [...approvals.granted, step],
    ...((redacted ?? approvals.changes) && { changes: redacted ?? approvals.changes }),
  };
}

async function end({ ports }: Governor, info: ActivityInfo, host: TemporalActivityHost, error: GovernanceHaltError): Promise<void> {
  await host.halt(error).catch((cause: unknown) => {
    ports.logger.error(`Could not end the workflow "${info.workflowId}" after a HALT`, { cause });
  });
}
