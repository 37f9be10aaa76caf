import type { ActivityHost } from './activity-host.ts';
import type { Answer } from './answer.ts';
import type { ApprovalStatus } from './approval-status.ts';
import type { Waits } from './approval-waits.ts';
import type { ApprovalKey, Asking } from './client.ts';
import type { Config } from './config.ts';
import { decide } from './enforce.ts';
import { ApprovalExpiredError, ApprovalRejectedError, ApprovalTimeoutError, GovernanceHaltError, type PendingApproval } from './errors.ts';
import type { Governor } from './governor.ts';
import type { Clock } from './ports/clock.ts';
import { printable } from './text.ts';
import { logWait, waitingFor } from './waiting-for.ts';

/** Between two looks while Core refuses the key. */
const LONGEST_INTERVAL_MS = 60_000;

/** Before an activity's own end, where it waits in place: time for a last look. */
const LAST_LOOK_MS = 1_000;

/** After an expiry, for Core tells its time in whole seconds. */
const JUST_AFTER_MS = 1_000;

const GRANT: Answer = {
  verdict: 'allow',
  reason: null,
  policyId: null,
  approvalId: null,
  approvalExpirationTime: null,
  constraints: null,
};

/**
 * Waits here until a human has decided, looking every `hitlPollIntervalMs`. Returns what the grant brings with it (an
 * approver may have changed the arguments); throws `ApprovalRejectedError`, `ApprovalExpiredError`, `GovernanceHaltError`, or
 * `ApprovalTimeoutError` where the activity's own time is up before.
 */
export async function awaitApproval(
  governor: Governor,
  activity: ApprovalKey & { readonly activityType: string },
  pending: PendingApproval,
  host: Pick<ActivityHost, 'signal' | 'deadline' | 'parent'>,
  waits: Waits,
): Promise<Answer> {
  logWait(governor, waitingFor(activity.activityType, [pending], governor.ports.clock.now()), activity);
  waits.open.add(pending);
  try {
    return await untilDecided(governor, activity, pending, host, waits);
  } finally {
    waits.open.delete(pending);
    waits.told.delete(pending);
  }
}

const untilDecided: typeof awaitApproval = async (governor, activity, pending, host, waits) => {
  const { clock } = governor.ports;
  const signal = host.signal === undefined ? governor.closing.signal : AbortSignal.any([host.signal, governor.closing.signal]);
  let interval = governor.config.hitlPollIntervalMs;
  for (;;) {
    const began = clock.monotonic();
    const status = waits.told.get(pending) ?? (await lookFor(governor, activity, pending, { signal, parent: host.parent }, waits));
    const granted = readStatus(governor, activity, status);
    if (granted !== undefined) return granted;
    interval = nextInterval(governor.config, interval, status);
    const left = (host.deadline ?? Infinity) - LAST_LOOK_MS - clock.now();
    if (left <= 0) {
      throw new ApprovalTimeoutError(
        `Nobody decided about "${pending.identifier}" before the activity's own timeout: give it more time, or another attempt`,
      );
    }
    await clock.sleep(Math.min(left, untilNextLook(clock, interval, began, [pending])), signal);
  }
};

async function lookFor(governor: Governor, activity: ApprovalKey, pending: PendingApproval, asking: Asking, { open, told }: Waits): Promise<ApprovalStatus> {
  const { about, status } = await governor.client.approval(activity, pending, asking, open);
  if (about === pending) return status;
  if (status.status !== 'pending') told.set(about, status);
  return { status: 'pending', problem: null };
}

/** Milliseconds until the next look, one interval after that which began then, or as soon as an approval has expired. */
export function untilNextLook({ now, monotonic }: Clock, interval: number, began: number, pending: readonly Pick<PendingApproval, 'expiresAt'>[]): number {
  const expiries = pending.map(({ expiresAt }) => (expiresAt ?? 0) - now()).filter((left) => left > 0);
  return Math.max(1, Math.round(Math.min(interval - (monotonic() - began), ...expiries.map((left) => left + JUST_AFTER_MS))));
}

/** Milliseconds that looks are apart, after one with this status: rarer while Core refuses the key. Contract §5. */
export function nextInterval({ hitlPollIntervalMs }: Pick<Config, 'hitlPollIntervalMs'>, interval: number, status: ApprovalStatus): number {
  if (status.status !== 'pending' || status.unauthorized !== true) return hitlPollIntervalMs;
  return Math.max(interval, Math.min(interval * 2, LONGEST_INTERVAL_MS));
}

/** Undefined while pending; an answer to go by once granted; throws where the decision was no, none in time, or does not pass. */
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
    case 'granted': {
      const answer: Answer = { ...GRANT, ...(status.guardrails && { guardrails: status.guardrails }) };
      // What an approver's guardrails found counts as in any other answer.
      const decision = decide({ kind: 'answered', answer }, { identifier: activity.activityType }, governor.config);
      if (decision.kind === 'refuse') throw decision.error;
      return answer;
    }
    case 'rejected': {
      const reason = printable(status.reason ?? 'no reason given');
      throw new ApprovalRejectedError(`Activity rejected: ${reason}`, { reason });
    }
    case 'halted': {
      const reason = printable(status.reason ?? 'no reason given');
      throw new GovernanceHaltError(`Governance HALT: ${reason}`, { reason, identifier: activity.activityType });
    }
    case 'expired': {
      const why = status.problem === undefined ? 'nobody decided in time' : `its time is up, and OpenBox Core does not say what was decided: ${status.problem}`;
      throw new ApprovalExpiredError(`Approval expired for activity "${activity.activityType}": ${why}`);
    }
  }
}
