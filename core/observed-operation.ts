import type { Attempt } from './attempt.ts';
import { OpenBoxError } from './errors.ts';
import { operationFingerprint } from './fingerprint.ts';
import { failedWith } from './in-span.ts';
import { maskUrl } from './mask.ts';
import { identifierOf, type Operation, type Report, type ResultOf } from './operation.ts';
import type { Question } from './question.ts';
import type { Span } from './ports/tracer.ts';
import { operationSpan } from './span.ts';

/** One operation as it is asked about: its two questions, and the times they tell. */
export interface ObservedOperation<O extends Operation> {
  /** For messages; never with a credential. */
  readonly identifier: string;
  readonly span: Span;
  started(): Question;
  /** Its own time begins. */
  running(): void;
  /** Its own time ends; only the first call counts. */
  ran(): void;
  completed(result: ResultOf<O> | undefined, error?: unknown): Question;
  /** Ends the span, with the error that stopped the operation where one did; only the first call counts. */
  end(stop?: unknown): void;
}

export function observeOperation<O extends Operation, R>(
  attempt: Attempt,
  operation: O,
  report: Report<O, R>,
): ObservedOperation<O> {
  const { governor, info } = attempt;
  const { clock, tracer } = governor.ports;
  const parent = spanAround(attempt);
  Object.freeze(operation);
  const calledAt = clock.monotonic();
  const { span, ...told } = operationSpan(operation, (description) => tracer.span(description, parent), info.activityId, clock.now());
  const identifier = operation.type === 'http_request' ? maskUrl(operation.url) : identifierOf(operation);
  let ranFrom = calledAt;
  let ownMs: number | undefined;
  let ending: { readonly result: ResultOf<O> | undefined; readonly error: unknown } | undefined;

  const shown = (error: unknown): unknown => (error === undefined || report.failure === undefined ? error : report.failure(error));

  const question = (stage: 'started' | 'completed', spanJson: string, failed = false): Question => ({
    body: attempt.payloads.hook(spanJson, clock.now()),
    identifier,
    span,
    stage,
    fingerprint: () => operationFingerprint(governor, stage, operation, report.exact === undefined ? [] : report.exact()),
    operation: true,
    beforeEffect: stage === 'started',
    endsWithActivity: stage === 'started',
    failed,
  });
  return {
    identifier,
    span,
    started: () => question('started', told.started()),
    running: () => void (ranFrom = clock.monotonic()),
    ran: () => void (ownMs ??= clock.monotonic() - ranFrom),
    completed: (result, error) => {
      const now = clock.monotonic();
      const times = { elapsedMs: now - calledAt, ownMs: ownMs ?? now - ranFrom };
      ending = { result, error: shown(error) };
      return question('completed', told.completed({ ...times, ...ending }), error !== undefined);
    },
    // The operation's own failure is shown to tracers as it is to Core.
    end: (stop) => span.end(stop === undefined ? told.outcome(ending ?? { result: undefined, error: undefined }) : failedWith(stop instanceof OpenBoxError ? stop : shown(stop))),
  };
}

/** The operation that this code runs in, else the activity. */
function spanAround(attempt: Attempt): Span {
  const { storage, inside } = attempt.governor.scopes;
  return (storage.get() === attempt ? inside.get()?.span : undefined) ?? attempt.span;
}
