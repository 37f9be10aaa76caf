import type { Asking } from './client.ts';
import { approvalRequired } from './enforce.ts';
import type { OpenBoxError } from './errors.ts';
import { workflowPayload } from './event.ts';
import type { Governor } from './governor.ts';
import { type Judged, judge, note } from './judge.ts';
import { eventIds } from './log-ids.ts';
import type { Outcome } from './outcome.ts';

/** What a workflow event's answer means to the workflow. REQUIRE_APPROVAL has nobody to ask there and counts as BLOCK. */
export type EventDecision = { readonly kind: 'proceed' } | { readonly kind: 'refuse'; readonly error: OpenBoxError };

/** Asks about a workflow event, stamped now. */
export function askEvent(
  governor: Governor,
  event: Readonly<Record<string, unknown>>,
  asking: Pick<Asking, 'deadline' | 'parent' | 'always'>,
): Promise<Outcome> {
  return governor.client.evaluate(workflowPayload(event, governor.ports.clock.now()), { ...asking, step: String(event['event_type']) });
}

/** What to make of the outcome, by the error policy; says what a person should know. */
export function decideEvent(governor: Governor, event: Readonly<Record<string, unknown>>, outcome: Outcome): EventDecision {
  const about = judgedOf(event);
  const decision = judge(governor, about, followable(outcome));
  if (decision.kind === 'refuse') return decision;
  if (decision.kind === 'approval') return { kind: 'refuse', error: approvalRequired(decision.answer, about) };
  note(governor, about, decision);
  return { kind: 'proceed' };
}

function judgedOf(event: Readonly<Record<string, unknown>>): Judged {
  const ids = eventIds(event);
  const type = String(event['event_type']);
  const { signal } = ids;
  return {
    identifier: `${signal === undefined ? type : `${type} ${signal}`} of ${String(event['workflow_type'])}`,
    ids,
    workflowEvent: signal === undefined ? type : 'a signal or update',
  };
}

/** Nothing of a workflow event can be replaced: an answer that wants it cannot be followed, unless it stops anyway. Contract §4. */
function followable(outcome: Outcome): Outcome {
  if (outcome.kind !== 'answered') return outcome;
  const { verdict, guardrails } = outcome.answer;
  const stops = verdict === 'halt' || verdict === 'block' || guardrails?.validationPassed === false;
  if (stops || guardrails?.redacted === undefined) return outcome;
  return { kind: 'unfollowable', problem: `a redaction of ${guardrails.inputType} does not apply to a workflow event` };
}
