import type { Answer } from './answer.ts';
import { type About, approvalRequired, type Decision, decide } from './enforce.ts';
import type { OpenBoxError } from './errors.ts';
import type { Governor } from './governor.ts';
import type { LogIds } from './log-ids.ts';
import type { Outcome } from './outcome.ts';
import { printable } from './text.ts';

type Judge = Pick<Governor, 'config' | 'ports' | 'warnings'>;

/** What is judged, and where it belongs. */
export interface Judged extends About {
  readonly ids: LogIds;
}

/** What an outcome means under this configuration. In observe mode nothing is stopped and nothing replaced; what would have been is said. */
export function judge(governor: Judge, about: Judged, outcome: Outcome): Decision {
  const decision = decide(outcome, about, governor.config);
  if (governor.config.mode === 'enforce') return decision;
  if (decision.kind === 'proceed') note(governor, about, decision);
  if (decision.kind === 'refuse' && !hasAnswered(outcome)) {
    // Thousands of these may come a second, as with any outage.
    governor.warnings.warn(`not enforced ${outcome.kind}`, `Not enforced: ${decision.error.message}`, detailsOf(about, decision.error));
  } else if (decision.kind === 'refuse') {
    sayNotEnforced(governor, about, decision.error);
  } else {
    const { answer } = decision;
    if (decision.kind === 'approval') sayNotEnforced(governor, about, approvalRequired(decision.answer, about));
    if (answer !== undefined && replaces(answer)) governor.ports.logger.warn('Not enforced: a redaction', { identifier: about.identifier, ...about.ids, replaces: answer.guardrails?.inputType });
  }
  return { kind: 'proceed' };
}

/** Says what a person should know of an answer that lets go on. */
export function note(governor: Judge, { identifier, ids }: Judged, { answer, unasked }: Extract<Decision, { kind: 'proceed' }>): void {
  if (unasked !== undefined) governor.warnings.warn(unasked.kind, `${unasked.problem}; going on (fail_open)`, { identifier, ...ids });
  if (answer?.verdict === 'constrain') {
    governor.ports.logger.info(`Constrained: ${printable(answer.reason ?? 'no reason given')}`, {
      identifier,
      ...ids,
      policyId: answer.policyId,
      constraints: answer.constraints,
    });
  }
}

function sayNotEnforced({ ports }: Judge, about: Judged, error: OpenBoxError): void {
  ports.logger.warn(`Not enforced: ${error.message}`, detailsOf(about, error));
}

/** Where an approval was asked for, nothing is claimed to have been blocked. */
function detailsOf({ identifier, ids }: Judged, error: OpenBoxError): Readonly<Record<string, unknown>> {
  const { verdict, policyId } = error as { readonly verdict?: string; readonly policyId?: string };
  return { identifier, ...ids, ...(verdict !== 'require_approval' && { code: error.code }), ...(verdict !== undefined && { verdict }), ...(policyId !== undefined && { policyId }) };
}

function hasAnswered({ kind }: Outcome): boolean {
  return kind === 'answered' || kind === 'unfollowable';
}

function replaces({ guardrails }: Answer): boolean {
  return guardrails?.redacted !== undefined;
}
