import type { ApprovalStatus } from './approval-status.ts';
import type { PendingApproval } from './errors.ts';

/** Approvals of one activity that are waited for at once: a look of one may tell of another. */
export interface Waits {
  readonly open: Set<PendingApproval>;
  /** Decisions that a look for another brought. */
  readonly told: Map<PendingApproval, ApprovalStatus>;
}

/** Nothing waited for; or several, one after the other. */
export function createWaits(open: Iterable<PendingApproval> = []): Waits {
  return { open: new Set(open), told: new Map() };
}
