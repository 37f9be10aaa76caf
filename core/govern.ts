import type { Answer } from './answer.ts';
import { type Attempt, handIn, reportsAnswered, stop, throwIfStopped } from './attempt.ts';
import { unfitting } from './enforce.ts';
import { type ObservedOperation, observeOperation } from './observed-operation.ts';
import type { Later, Operation, OperationType, Report, ResultOf } from './operation.ts';
import { orAborted } from './or-aborted.ts';
import { ask, askNow } from './question.ts';
import type { Span } from './ports/tracer.ts';
import { redactValue } from './redaction.ts';
import { unattributed } from './unattributed.ts';

/**
 * Governs an operation in the attempt it belongs to: describe it, ask, run it, report it. Throws what Core's answer makes of it before `run` is called, or after
 * it where the result is withheld. Contract §3.
 *
 * @param operation what is about to happen; a copy that nothing changes any more
 * @param run does it, from that same copy
 * @param report how its end is told
 */
export async function governIn<O extends Operation, R>(
  attempt: Attempt,
  operation: O,
  run: () => Promise<R>,
  report: Report<O, R>,
): Promise<R> {
  throwIfStopped(attempt);
  const observed = observeOperation(attempt, operation, report);
  try {
    await reportsAnswered(attempt);
    throwIfStopped(attempt);
    refuseRedaction(attempt, await ask(attempt, observed.started()), observed.identifier);
    await report.turn?.();
    throwIfStopped(attempt);
    if (attempt.ended) unattributed(attempt.governor, observed.identifier);
  } catch (error) {
    observed.end(error);
    throw error;
  }
  if (attempt.ended) {
    observed.end();
    return run();
  }

  observed.running();
  return finish(attempt, observed, operation.type, run, report);
}

/** Runs what was allowed and tells how it ended. */
async function finish<O extends Operation, R>(
  attempt: Attempt,
  observed: ObservedOperation<O>,
  type: O['type'],
  run: () => Promise<R>,
  report: Report<O, R>,
): Promise<R> {
  let value: R;
  try {
    value = await inside(attempt, observed, run, report);
  } catch (error) {
    handIn(attempt, tell(attempt, observed, undefined, error));
    throw error;
  }
  const withheld = withholds(report, value);
  if (report.handOut !== undefined) return report.handOut(value, later(attempt, observed, withheld));

  const told = tell(attempt, observed, report.describe(value));
  if (!withheld) {
    handIn(attempt, told.then((answer) => refuseRedaction(attempt, answer, observed.identifier)));
    return value;
  }
  handIn(attempt, told, true);
  // A result nobody waits for any more is not waited for; its report goes on.
  const { mode } = attempt.governor.config;
  return replaced(attempt, observed.identifier, type, await orAborted(mode === 'enforce' ? attempt.host.signal : undefined, told), value);
}

/**
 * As `governIn`, for calls that cannot wait asynchronously. Needs a sync gate, at which the calling thread stands still;
 * where the runtime has none, the operation runs unasked with a warning, or is denied with `strict`.
 */
export function governSyncIn<O extends Operation, R>(attempt: Attempt, operation: O, run: () => R, report: Report<O, R>): R {
  throwIfStopped(attempt);
  // What the gate itself calls, it would ask itself about.
  if (attempt.governor.ports.syncGate?.working === true) return run();
  const observed = observeOperation(attempt, operation, report);
  try {
    return runSync(attempt, observed, operation.type, run, report);
  } catch (error) {
    observed.end(error);
    throw error;
  }
}

function runSync<O extends Operation, R>(
  attempt: Attempt,
  observed: ObservedOperation<O>,
  type: O['type'],
  run: () => R,
  report: Report<O, R>,
): R {
  const { answer: started, asked } = askNow(attempt, observed.started());
  refuseRedaction(attempt, started, observed.identifier);
  if (!asked) {
    const unasked = inside(attempt, observed, run, report);
    observed.end();
    return unasked;
  }
  observed.running();
  let value: R;
  try {
    value = inside(attempt, observed, run, report);
  } catch (error) {
    handIn(attempt, tell(attempt, observed, undefined, error));
    throw error;
  }
  // What the promise brings is told when it has settled.
  if (value instanceof Promise) return finish(attempt, observed, type, () => value as Promise<R>, report) as R;
  observed.ran();
  const result = report.describe(value);
  if (!withholds(report, value)) {
    handIn(attempt, tell(attempt, observed, result).then((answer) => refuseRedaction(attempt, answer, observed.identifier)));
    return value;
  }
  const { answer } = askNow(attempt, observed.completed(result));
  observed.end();
  return replaced(attempt, observed.identifier, type, answer, value);
}

/** Reports the end and enforces the answer. */
async function tell<O extends Operation>(
  attempt: Attempt,
  observed: ObservedOperation<O>,
  result: ResultOf<O> | undefined,
  error?: unknown,
): Promise<Answer | undefined> {
  observed.ran();
  try {
    const answer = await ask(attempt, observed.completed(result, error));
    observed.end();
    return answer;
  } catch (refusal) {
    observed.end(error ?? refusal);
    throw refusal;
  }
}

/** Runs the operation itself: others that it makes are its children. */
function inside<R>(attempt: Attempt, { span }: { readonly span: Span }, run: () => R, { opaque = false }: { readonly opaque?: boolean }): R {
  attempt.hasRun = true;
  return attempt.governor.scopes.inside.run({ span, opaque }, () => span.within(run));
}

function later<O extends Operation>(attempt: Attempt, observed: ObservedOperation<O>, withheld: boolean): Later<O> {
  let told: Promise<void> | undefined;
  let abandon: (() => void) | undefined;
  const end = async (result: ResultOf<O>, error?: unknown): Promise<void> => {
    observed.ran();
    // What was done with it is told before its end.
    await reportsAnswered(attempt);
    const answer = await tell(attempt, observed, result, error);
    refuseRedaction(attempt, answer, observed.identifier);
    throwIfStopped(attempt);
  };
  return {
    complete: (result, error) => {
      if (told === undefined) {
        told = end(result, error);
        // What broke is handed out as it is.
        handIn(attempt, told, withheld && error === undefined);
        if (abandon !== undefined) attempt.open.delete(abandon);
      }
      return told;
    },
    onAbandon: (callback) => {
      abandon = callback;
      attempt.open.add(callback);
    },
  };
}

function withholds<O extends Operation, R>(report: Report<O, R>, value: R): boolean {
  return report.withholds?.(value) ?? value !== undefined;
}

/** What is handed out: a function's result as guardrails want it, everything else as it is or not at all. */
function replaced<R>(attempt: Attempt, identifier: string, type: OperationType, answer: Answer | undefined, value: R): R {
  const { redacted, inputType } = answer?.guardrails ?? {};
  if (redacted === undefined) return value;
  if (type !== 'function_call' || inputType !== 'activity_output') return refuseRedaction(attempt, answer, identifier) as R;
  const redaction = redactValue(value, redacted.value);
  if (redaction.ok) return redaction.value as R;
  const error = unfitting(redaction.problem, identifier);
  stop(attempt, error);
  throw error;
}

/** A redaction that nothing here can apply is refused, never silently dropped. Contract §4. */
function refuseRedaction(attempt: Attempt, answer: Answer | undefined, identifier: string): undefined {
  if (answer?.guardrails?.redacted === undefined) return undefined;
  const error = unfitting(`a redaction of ${answer.guardrails.inputType} does not apply to an operation`, identifier);
  stop(attempt, error);
  throw error;
}
