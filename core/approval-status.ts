import { type Guardrails, parseGuardrails } from './answer.ts';
import type { PendingApproval } from './errors.ts';
import { parseExpiration } from './expiration.ts';
import { parseVerdict } from './verdict.ts';

/** Where an approval stands. Contract §6. */
export type ApprovalStatus =
  | {
      readonly status: 'pending';
      /** Why the look told nothing. */
      readonly problem: string | null;
      /** True where Core refused the key: looked again at growing intervals. Contract §5. */
      readonly unauthorized?: true;
    }
  | { readonly status: 'granted'; readonly guardrails?: Guardrails }
  | { readonly status: 'rejected' | 'halted'; readonly reason: string | null }
  | {
      readonly status: 'expired';
      /** Why it is not known that nobody decided. */
      readonly problem?: string;
    };

/** How long after its expiry a decision may still be told: of the last moment, or by clocks that differ. */
const UNTOLD_MS = 60_000;

/** A look names the activity only: of several approvals that wait for it, the one that the answer is about. */
export function named<T extends Pick<PendingApproval, 'approvalId'>>(json: Readonly<Record<string, unknown>>, open: Iterable<T>): T | undefined {
  const name = nameIn(json);
  return name === undefined ? undefined : [...open].find(({ approvalId }) => approvalId === name);
}

function nameIn({ id }: Readonly<Record<string, unknown>>): string | undefined {
  return typeof id === 'string' || typeof id === 'number' ? String(id) : undefined;
}

/** A look that told nothing is no decision, and ends the wait only well after the expiry: a Core that never comes back would hold it up for ever. */
export function orExpired(status: ApprovalStatus, { expiresAt }: Pick<PendingApproval, 'expiresAt'>, now: number): ApprovalStatus {
  const told = status.status !== 'pending' || status.problem === null || status.unauthorized === true;
  return told || expiresAt === null || now <= expiresAt + UNTOLD_MS ? status : { status: 'expired', problem: status.problem };
}

/**
 * Reads a poll's answer. A decision comes first, so that a grant given in time is never lost to the expiry; an answer
 * about another approval, or without a verdict, is pending.
 *
 * @param now Unix milliseconds by Core's own clock.
 */
export function parseApproval(
  json: Readonly<Record<string, unknown>>,
  { approvalId, expiresAt }: Pick<PendingApproval, 'approvalId' | 'expiresAt'>,
  now: number,
): ApprovalStatus {
  const { id, reason } = json;
  if (approvalId !== null && nameIn(json) !== approvalId) {
    return { status: 'pending', problem: id === undefined ? 'the answer names no approval' : 'the answer is about another approval' };
  }
  switch (parseVerdict(json['action'] ?? json['verdict'])) {
    case 'allow': {
      const guardrails = parseGuardrails(json['guardrails_result']);
      if (typeof guardrails === 'string') return { status: 'pending', problem: guardrails };
      return { status: 'granted', ...(guardrails && { guardrails }) };
    }
    case 'block':
      return { status: 'rejected', reason: typeof reason === 'string' ? reason : null };
    case 'halt':
      return { status: 'halted', reason: typeof reason === 'string' ? reason : null };
    default: {
      const time = json['approval_expiration_time'];
      const until = parseExpiration(typeof time === 'string' ? time : null) ?? expiresAt;
      return until !== null && now > until ? { status: 'expired' } : { status: 'pending', problem: null };
    }
  }
}
