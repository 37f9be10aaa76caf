import type { ActivityHost } from './activity-host.ts';
import type { ActivityInfo } from './activity-info.ts';
import type { Answer } from './answer.ts';
import { type Attempt, drain, openAttempt, stop, throwIfHalted, throwIfStopped } from './attempt.ts';
import { unfitting } from './enforce.ts';
import { errorDetails } from './error-details.ts';
import { ApprovalPendingError, ApprovalTimeoutError, type FinishedActivity } from './errors.ts';
import { type ActivityEnd, activityPayloads } from './event.ts';
import { activityFingerprint } from './fingerprint.ts';
import type { Governor } from './governor.ts';
import { inSpan } from './in-span.ts';
import { ask, type Question } from './question.ts';
import { redactArguments, redactValue } from './redaction.ts';

/** The start of an activity, as grants name it. */
export const STARTED = 'ActivityStarted';
/** The end of an activity, as grants name it. */
export const COMPLETED = 'ActivityCompleted';

/**
 * Runs one attempt of an activity under governance: started, redaction, the body with every operation asked about,
 * completed, redaction. Contract §9.
 *
 * Throws what stopped it, also where `body` swallowed that; `ApprovalPendingError` where it has to run again after a
 * human's decision; else what `body` throws.
 */
export async function runActivity<A extends readonly unknown[] | [], R>(
  governor: Governor,
  info: ActivityInfo,
  input: A,
  body: (input: A) => Promise<R>,
  host: ActivityHost,
): Promise<R> {
  return within(openAttempt(governor, info, input, host), (attempt) => runAttempt(attempt, input, body));
}

/**
 * Goes on with an activity whose work is done and whose end a human had to decide about: only `ActivityCompleted` is
 * asked again. Returns the output; throws as `runActivity`.
 */
export function finishActivity(
  governor: Governor,
  info: ActivityInfo,
  input: readonly unknown[],
  end: FinishedActivity,
  host: ActivityHost,
): Promise<unknown> {
  return within(openAttempt(governor, info, input, host), (attempt) => complete(attempt, input, end.output, end));
}

async function within<R>(attempt: Attempt, work: (attempt: Attempt) => Promise<R>): Promise<R> {
  const { attempts } = attempt.governor.scopes;
  attempts.add(attempt);
  try {
    return await inSpan(attempt.span, () => work(attempt), attempt.host.isControlFlow);
  } finally {
    attempts.delete(attempt);
  }
}

async function runAttempt<A extends readonly unknown[] | [], R>(attempt: Attempt, input: A, body: (input: A) => Promise<R>): Promise<R> {
  const { governor } = attempt;
  const args = await start(attempt, input);
  // By another activity of the same workflow.
  throwIfStopped(attempt);
  const { clock } = governor.ports;
  const startedAt = clock.now();
  const from = clock.monotonic();
  const ended = await settle(attempt, () => body(args));
  const times = { startedAt, durationMs: clock.monotonic() - from };
  await drain(attempt);
  if (isParked(attempt)) await Promise.all(attempt.questions);

  throwIfHalted(attempt);
  if (isParked(attempt)) throw awaited(attempt);
  const failure = attempt.stopped === undefined ? ended : { ok: false as const, error: attempt.stopped };
  if (!failure.ok) return fail(attempt, failure.error, times);
  return complete(attempt, args === input ? undefined : args, failure.value, times);
}

async function start<A extends readonly unknown[] | []>(attempt: Attempt, input: A): Promise<A> {
  const { governor, info, payloads } = attempt;
  if (!governor.config.sendActivityStartEvent) return input;
  try {
    const answer = await ask(attempt, event(attempt, STARTED, payloads.started(governor.ports.clock.now()), input));
    const redacted = redactionOf(attempt, answer, 'activity_input');
    if (redacted === undefined) return input;
    const redaction = redactArguments(input, redacted.value);
    if (!redaction.ok) throw refuse(attempt, redaction.problem);
    attempt.payloads = activityPayloads(info, redaction.value);
    return redaction.value as unknown as A;
  } catch (error) {
    await attempt.halting;
    throwIfHalted(attempt);
    throw isParked(attempt) ? awaited(attempt) : error;
  }
}

type Ended<R> = { readonly ok: true; readonly value: R } | { readonly ok: false; readonly error: unknown };

/** Runs the body in its context, up to the moment its function has ended. */
async function settle<R>(attempt: Attempt, body: () => Promise<R>): Promise<Ended<R>> {
  const { storage, inside, running } = attempt.governor.scopes;
  running.add(attempt);
  try {
    const value = storage.run(attempt, () => inside.run({ span: attempt.span, opaque: false }, async () => body()));
    attempt.finished = value.then(ignore, ignore);
    return { ok: true, value: await value };
  } catch (error) {
    return { ok: false, error };
  } finally {
    attempt.ended = true;
    running.delete(attempt);
    attempt.over.abort(attempt.stopped ?? new ApprovalTimeoutError('Nobody decided before the activity had ended'));
  }
}

/** Reports the failure; whatever comes of that, the activity's own error is the one that surfaces, but for a HALT. */
async function fail(attempt: Attempt, error: unknown, times: Pick<ActivityEnd, 'startedAt' | 'durationMs'>): Promise<never> {
  if (attempt.host.isControlFlow?.(error) === true) throw error;
  await askCompleted(attempt, { ...times, error: errorDetails(error) }).catch(() => undefined);
  await attempt.halting;
  throwIfHalted(attempt);
  throw error;
}

/** `changed`: the arguments, where they are not those that the activity was called with. */
async function complete<R>(attempt: Attempt, changed: readonly unknown[] | undefined, output: R, times: Pick<ActivityEnd, 'startedAt' | 'durationMs'>): Promise<R> {
  try {
    const redacted = redactionOf(attempt, await askCompleted(attempt, { ...times, output }, [output, ...(changed ?? [])]), 'activity_output');
    if (redacted === undefined) return output;
    const redaction = redactValue(output, redacted.value);
    if (!redaction.ok) throw refuse(attempt, redaction.problem);
    return redaction.value as R;
  } catch (error) {
    const { startedAt, durationMs } = times;
    const refusal = isParked(attempt) ? awaited(attempt, { output, input: changed, startedAt, durationMs }) : error;
    await attempt.halting;
    throwIfHalted(attempt);
    throw refusal;
  }
}

function askCompleted(attempt: Attempt, end: ActivityEnd, kept?: readonly unknown[]): Promise<Answer | undefined> {
  const body = attempt.payloads.completed(end, attempt.governor.ports.clock.now());
  return ask(attempt, { ...event(attempt, COMPLETED, body, end.output), failed: end.error !== undefined, ...(kept && { kept }) });
}

function event(attempt: Attempt, step: typeof STARTED | typeof COMPLETED, body: string, value: unknown): Question {
  const { governor, info } = attempt;
  const started = step === STARTED;
  return {
    body,
    stage: step,
    span: attempt.span,
    identifier: info.activityType,
    fingerprint: () => activityFingerprint(governor, step, info.activityType, value),
    operation: false,
    beforeEffect: started,
    endsWithActivity: started,
    failed: false,
  };
}

/** The redaction for this side; one for the other side has nowhere to go. */
function redactionOf(attempt: Attempt, answer: Answer | undefined, side: 'activity_input' | 'activity_output'): { readonly value: unknown } | undefined {
  const { redacted, inputType } = answer?.guardrails ?? {};
  if (redacted !== undefined && inputType !== side) throw refuse(attempt, `a redaction of ${inputType} where ${side} was shown`);
  return redacted;
}

function refuse(attempt: Attempt, problem: string): Error {
  const error = unfitting(problem, attempt.info.activityType);
  stop(attempt, error);
  return error;
}

/** Whether a human has to decide before the activity goes on, elsewhere. */
function isParked({ stopped, pending }: Attempt): boolean {
  return pending.length > 0 && stopped !== undefined && 'verdict' in stopped && stopped.verdict === 'require_approval';
}

function awaited({ stopped, pending }: Attempt, end?: FinishedActivity): ApprovalPendingError {
  return new ApprovalPendingError(stopped?.message ?? 'Approval required', { pending, ...(end && { end }) });
}

function ignore(): void {}
