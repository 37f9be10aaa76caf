import type { Attempt } from './attempt.ts';
import { fingerprint } from './fingerprint.ts';
import { maskUrl } from './mask.ts';
import { identifierOf, type Operation, type Report, type ResultOf } from './operation.ts';
import type { Question } from './question.ts';
import { operationSpan } from './span.ts';

/** One operation as it is asked about: its two questions, and the times they tell. */
export interface ObservedOperation<O extends Operation> {
  /** For messages; never with a credential. */
  readonly identifier: string;
  started(): Question;
  /** Its own time begins. */
  running(): void;
  /** Its own time ends; only the first call counts. */
  ran(): void;
  completed(result: ResultOf<O> | undefined, error?: unknown): Question;
}

export function observeOperation<O extends Operation, R>(
  attempt: Attempt,
  operation: O,
  report: Report<O, R>,
): ObservedOperation<O> {
  const { governor, info } = attempt;
  const { clock, tracer } = governor.ports;
  Object.freeze(operation);
  const calledAt = clock.monotonic();
  const span = operationSpan(operation, tracer.span(attempt.span), info.activityId, clock.now());
  const identifier = operation.type === 'http_request' ? maskUrl(operation.url) : identifierOf(operation);
  let ranFrom = calledAt;
  let ownMs: number | undefined;

  const question = (stage: 'started' | 'completed', spanJson: string, failed = false): Question => ({
    body: attempt.payloads.hook(spanJson, clock.now()),
    identifier,
    step: () => fingerprint(governor, stage, operation, report.exact === undefined ? [] : report.exact()),
    operation: true,
    beforeEffect: stage === 'started',
    endsWithActivity: stage === 'started',
    failed,
  });
  return {
    identifier,
    started: () => question('started', span.started()),
    running: () => void (ranFrom = clock.monotonic()),
    ran: () => void (ownMs ??= clock.monotonic() - ranFrom),
    completed: (result, error) => {
      const now = clock.monotonic();
      const times = { elapsedMs: now - calledAt, ownMs: ownMs ?? now - ranFrom };
      return question('completed', span.completed({ ...times, result, error }), error !== undefined);
    },
  };
}
