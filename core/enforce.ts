import type { Answer } from './answer.ts';
import type { Config } from './config.ts';
import {
  GovernanceAPIError,
  GovernanceBlockedError,
  GovernanceHaltError,
  GuardrailsValidationError,
  OpenBoxAuthError,
  type OpenBoxError,
} from './errors.ts';
import type { Outcome } from './outcome.ts';
import { printable } from './text.ts';

/** What an outcome means here. The only place where an answer turns into a stop. */
export type Decision =
  | { readonly kind: 'proceed'; readonly answer?: Answer; readonly unasked?: Unasked }
  | { readonly kind: 'refuse'; readonly error: OpenBoxError }
  | { readonly kind: 'approval'; readonly answer: Answer };

/** Why something goes on without an answer, and as what kind of warning that is counted. */
export interface Unasked {
  readonly problem: string;
  readonly kind: 'unreachable' | 'spared' | 'sync';
}

/** What the question was about, for messages. */
export interface About {
  readonly identifier: string;
  /**
   * What messages call a workflow event, which has rules of its own: what cannot be followed is taken as BLOCK, under fail_closed as HALT,
   * and nobody can wait for an approval. Contract §4.
   */
  readonly workflowEvent?: string;
}

const NO_REASON = 'no reason given';

/** In contract §4's order: HALT, BLOCK, failed guardrails, REQUIRE_APPROVAL, then CONSTRAIN and ALLOW go on. */
export function decide(outcome: Outcome, about: About, config: Pick<Config, 'governancePolicy' | 'strict'>): Decision {
  const { identifier } = about;
  const closed = config.governancePolicy === 'fail_closed';
  switch (outcome.kind) {
    case 'unauthorized':
      return refuse(
        new OpenBoxAuthError(
          `OpenBox Core refused the API key (${outcome.problem}): mend openboxApiKey or OPENBOX_API_KEY; nothing is let through meanwhile`,
          { option: 'openboxApiKey' },
        ),
      );
    case 'unreachable': {
      const problem = `OpenBox Core not reachable: ${outcome.problem}`;
      return closed ? halt(problem, identifier) : unasked(problem, outcome.spared === true ? 'spared' : 'unreachable');
    }
    case 'unaskable': {
      const problem = `Synchronous operation "${identifier}" cannot be asked about: ${outcome.problem}`;
      if (config.strict) return refuse(new GovernanceBlockedError(`Governance blocked: ${problem}`, { reason: problem, identifier }));
      return closed ? halt(problem, identifier) : unasked(problem, 'sync');
    }
    case 'unfollowable': {
      const problem = `OpenBox Core answered what this SDK cannot follow: ${outcome.problem}`;
      if (about.workflowEvent === undefined) return refuse(new GovernanceAPIError(problem, { identifier }));
      return closed ? halt(problem, identifier) : refuse(new GovernanceBlockedError(problem, { identifier, reason: problem }));
    }
    case 'answered':
      return decideAnswer(outcome.answer, identifier);
  }
}

function decideAnswer(answer: Answer, identifier: string): Decision {
  const reason = answer.reason === null ? NO_REASON : printable(answer.reason);
  const policyId = answer.policyId ?? undefined;
  if (answer.verdict === 'halt') return halt(reason, identifier, policyId);
  if (answer.verdict === 'block') {
    return refuse(new GovernanceBlockedError(`Governance blocked: ${reason}`, { reason, identifier, policyId }));
  }
  if (answer.guardrails?.validationPassed === false) {
    const reasons = answer.guardrails.reasons.map((text) => printable(text));
    const said = reasons.length === 0 ? NO_REASON : reasons.join('; ');
    return refuse(new GuardrailsValidationError(`Guardrails validation failed: ${said}`, { reasons, identifier }));
  }
  return answer.verdict === 'require_approval' ? { kind: 'approval', answer } : { kind: 'proceed', answer };
}

/** An answer's redaction that has nowhere to go here: an instruction that cannot be followed. Contract §4. */
export function unfitting(problem: string, identifier: string): OpenBoxError {
  return new GovernanceAPIError(`OpenBox Core answered what this SDK cannot follow: ${problem}`, { identifier });
}

/** The stop of what a human has to decide first; of a workflow event it is the last word. */
export function approvalRequired(answer: Answer, { identifier, workflowEvent }: About): GovernanceBlockedError {
  const given = answer.reason === null ? NO_REASON : printable(answer.reason);
  const reason = workflowEvent === undefined ? given : `OpenBox Core wants an approval, which nobody can wait for at ${workflowEvent}: ${given}`;
  return new GovernanceBlockedError(`${workflowEvent === undefined ? 'Approval required' : 'Governance blocked'}: ${reason}`, {
    verdict: 'require_approval',
    reason,
    identifier,
    policyId: answer.policyId ?? undefined,
  });
}

/** The refusal of an operation that a human would have to decide, where none can be waited for. */
export function approvalImpossible(answer: Answer, about: About, why: string): GovernanceBlockedError {
  const { message, reason, identifier, policyId } = approvalRequired(answer, about);
  return new GovernanceBlockedError(`${message}; ${why}`, { reason, identifier, policyId });
}

function halt(reason: string, identifier: string, policyId?: string): Decision {
  return refuse(new GovernanceHaltError(`Governance HALT: ${reason}`, { reason, identifier, policyId }));
}

function unasked(problem: string, kind: Unasked['kind']): Decision {
  return { kind: 'proceed', unasked: { problem, kind } };
}

function refuse(error: OpenBoxError): Decision {
  return { kind: 'refuse', error };
}
