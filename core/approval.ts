import type { ActivityHost } from './activity-host.ts';
import type { Answer } from './answer.ts';
import type { ApprovalStatus } from './approval-status.ts';
import type { ApprovalKey } from './client.ts';
import { ApprovalExpiredError, ApprovalRejectedError, type PendingApproval } from './errors.ts';
import type { Governor } from './governor.ts';
import { printable } from './text.ts';

/** Between two looks while Core refuses the key. */
const LONGEST_INTERVAL_MS = 60_000;

/**
 * Waits here until a human has decided, looking every `hitlPollIntervalMs`. Returns what the grant brings with it (an
 * approver may have changed the arguments); throws `ApprovalRejectedError` or `ApprovalExpiredError`.
 */
export async function awaitApproval(
  governor: Governor,
  activity: ApprovalKey & { readonly activityType: string },
  pending: PendingApproval,
  host: Pick<ActivityHost, 'signal'>,
): Promise<Answer | undefined> {
  const { clock } = governor.ports;
  let interval = governor.config.hitlPollIntervalMs;
  for (;;) {
    const began = clock.monotonic();
    const status = await governor.client.approval(activity, pending, { signal: host.signal });
    const granted = readStatus(governor, activity, status);
    if (granted !== undefined) return granted;
    const refused = status.status === 'pending' && status.unauthorized === true;
    interval = refused ? Math.max(interval, Math.min(interval * 2, LONGEST_INTERVAL_MS)) : governor.config.hitlPollIntervalMs;
    await clock.sleep(Math.max(1, interval - (clock.monotonic() - began)), host.signal);
  }
}

/** Undefined while pending; an answer to go by once granted; throws where the decision was no, or none in time. */
export function readStatus(
  governor: Governor,
  activity: ApprovalKey & { readonly activityType: string },
  status: ApprovalStatus,
): Answer | undefined {
  switch (status.status) {
    case 'pending':
      if (status.problem !== null) {
        governor.warnings.warn('approval', `Approval of "${activity.activityType}" still pending: ${status.problem}`);
      }
      return undefined;
    case 'granted':
      return {
        verdict: 'allow',
        reason: null,
        policyId: null,
        approvalId: null,
        approvalExpirationTime: null,
        constraints: null,
        ...(status.guardrails && { guardrails: status.guardrails }),
      };
    case 'rejected': {
      const reason = printable(status.reason ?? 'no reason given');
      throw new ApprovalRejectedError(`Activity rejected: ${reason}`, { reason });
    }
    case 'expired':
      throw new ApprovalExpiredError(`Approval expired for activity "${activity.activityType}": nobody decided in time`);
  }
}
