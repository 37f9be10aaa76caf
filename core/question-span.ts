import type { ApprovalStatus } from './approval-status.ts';
import type { Governor } from './governor.ts';
import type { Attributes } from './operation.ts';
import type { Outcome } from './outcome.ts';
import type { Span, SpanOutcome, TraceContext, Tracer } from './ports/tracer.ts';
import type { Question } from './question.ts';
import { printable } from './text.ts';

export const EVALUATE = '/api/v1/governance/evaluate';

/** Who asks, for traces. */
export interface Asker {
  /** `ActivityStarted`, `started`, `WorkflowCompleted` … */
  readonly step?: string | undefined;
  readonly parent?: TraceContext | undefined;
}

/** The span of a question to Core, where somebody sees it. What it says of ours is for people and not sent. */
export function questionSpan(tracer: Tracer, name: string, url: string, { step, parent }: Asker): Span | undefined {
  if (tracer.shown === undefined) return undefined;
  const { protocol, hostname, port } = new URL(url);
  const attributes: Attributes = {
    'http.request.method': 'POST',
    'url.full': url,
    'server.address': hostname,
    'server.port': Number(port) || (protocol === 'https:' ? 443 : 80),
    ...(step !== undefined && { 'openbox.step': step }),
  };
  return tracer.shown({ name: `openbox ${name}`, kind: 'CLIENT', attributes }, parent);
}

/** Shows a question that the calling thread waits for. */
export function evaluateShown({ ports, config }: Pick<Governor, 'ports' | 'config'>, { stage, span: parent }: Pick<Question, 'stage' | 'span'>, evaluate: () => Outcome): Outcome {
  const span = questionSpan(ports.tracer, 'evaluate', config.openboxUrl + EVALUATE, { step: stage, parent });
  const outcome = evaluate();
  span?.end(outcomeShown(outcome));
  return outcome;
}

/** What Core said, or why it said nothing to go by. */
export function outcomeShown(outcome: Outcome): SpanOutcome {
  if (outcome.kind !== 'answered') return { error: { type: outcome.kind, message: outcome.problem } };
  const { verdict, reason, policyId } = outcome.answer;
  return {
    attributes: {
      'openbox.verdict': verdict,
      ...(reason !== null && { 'openbox.reason': printable(reason) }),
      ...(policyId !== null && { 'openbox.policy_id': printable(policyId, 200) }),
    },
  };
}

/** How the approval stands. */
export function approvalShown(approval: ApprovalStatus): SpanOutcome {
  const problem = approval.status === 'pending' ? approval.problem : null;
  return {
    attributes: { 'openbox.approval': approval.status },
    ...(problem !== null && { error: { type: 'unreachable', message: problem } }),
  };
}
