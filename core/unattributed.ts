import { GovernanceBlockedError } from './errors.ts';
import type { Governor, Scopes } from './governor.ts';

/**
 * An operation that belongs to no running activity while activities run: its context was lost, or it is late work of
 * one that has ended. Counted and warned of, or denied, as `unattributed` says.
 */
export function unattributed({ config, warnings }: Pick<Governor, 'config' | 'warnings'>, identifier: string): void {
  if (config.unattributed === 'allow') return;
  const message = `Operation "${identifier}" belongs to no running activity: its context was lost, or its activity has ended`;
  const denied = config.unattributed === 'deny';
  if (denied && config.mode === 'enforce') {
    throw new GovernanceBlockedError(`Governance blocked: ${message}`, { reason: message, identifier });
  }
  warnings.warn(`unattributed ${identifier}`, `${message}; it ran unasked${denied ? '' : ' (set unattributed to "deny" to refuse it)'}`);
}

const STRICTNESS = { allow: 0, report: 1, deny: 2 } as const;

/** The strictest of the governors that have activities running, for an operation that could be any one's. */
export function strictest({ running }: Pick<Scopes, 'running'>): Governor | undefined {
  let found: Governor | undefined;
  for (const { governor } of running) {
    if (found === undefined || STRICTNESS[governor.config.unattributed] > STRICTNESS[found.config.unattributed]) found = governor;
  }
  return found;
}
