import type { Answer } from './answer.ts';
import { awaitApproval } from './approval.ts';
import { type Attempt, stop, throwIfHalted, throwIfStopped } from './attempt.ts';
import { throughBreakerNow } from './breaker.ts';
import { type About, approvalImpossible, approvalRequired, type Decision } from './enforce.ts';
import { ApprovalExpiredError, ApprovalMismatchError, GovernanceHaltError, GovernanceTimeoutError, OpenBoxError, type PendingApproval } from './errors.ts';
import { parseExpiration } from './expiration.ts';
import { differences, type Fingerprint } from './fingerprint.ts';
import type { Governor } from './governor.ts';
import { judge, note } from './judge.ts';
import { activityIds } from './log-ids.ts';
import type { Outcome } from './outcome.ts';
import type { Span } from './ports/tracer.ts';
import { evaluateShown } from './question-span.ts';
import { printable } from './text.ts';

/** A question that one step of an attempt puts to Core. */
export interface Question extends About {
  readonly body: string;
  /** For traces: `ActivityStarted`, `started` … */
  readonly stage: string;
  /** What it is about: questions and waits hang below it. */
  readonly span: Span;
  /** Names the step in a grant, undefined where none could; computed only where an approval is in play. */
  fingerprint(): Fingerprint | undefined;
  /** True for an operation inside the activity, false for the activity's own start and end. */
  readonly operation: boolean;
  /** False after the effect: an operation's wait is here then, whatever the host prefers. */
  readonly beforeEffect: boolean;
  /** What the activity came to, at its end: where that can be kept, the wait is elsewhere. */
  readonly kept?: readonly unknown[];
  /** True where it tells of a failure: there is nothing to withhold. */
  readonly failed: boolean;
  /** False for what must be told even when the activity is cancelled. */
  readonly endsWithActivity: boolean;
}

/** Asks, enforces, and returns the answer to go by; throws where the step must not go on. */
export function ask(attempt: Attempt, question: Question): Promise<Answer | undefined> {
  return question.span.within(() => askInside(attempt, question));
}

async function askInside(attempt: Attempt, question: Question): Promise<Answer | undefined> {
  throwIfHalted(attempt);
  const { governor, host } = attempt;
  const alive = host.keepAlive?.();
  const granted = takeGrant(attempt, question);
  try {
    const asked = governor.client.evaluate(question.body, {
      // Under observation a cancelled activity goes on with what it does.
      signal: question.endsWithActivity && governor.config.mode === 'enforce' ? host.signal : undefined,
      deadline: question.endsWithActivity ? host.deadline : undefined,
      step: question.stage,
      parent: question.span,
    });
    const decision = await tracked(attempt.questions, asked.then((outcome) => resolve(attempt, question, outcome, granted)));
    return decision.kind === 'approval' ? await settleApproval(attempt, question, decision.answer) : decision.answer;
  } finally {
    alive?.();
  }
}

/** What a question came to that was put while the thread waited. */
export interface AskedNow {
  /** The answer to go by. */
  readonly answer: Answer | undefined;
  /** False where nothing could be asked from here, and the step goes on all the same: then nothing is told of it either. */
  readonly asked: boolean;
}

/** As `ask`, for a step that cannot wait: a needed approval makes the activity run again, or refuses. */
export function askNow(attempt: Attempt, question: Question): AskedNow {
  throwIfHalted(attempt);
  const granted = takeGrant(attempt, question);
  const outcome = evaluateNow(attempt, question);
  const decision = resolve(attempt, question, outcome, granted);
  if (decision.kind === 'proceed') return { answer: decision.answer, asked: outcome.kind !== 'unaskable' };
  const obstacle = obstacleToRunningAgain(attempt, question);
  throw obstacle === undefined
    ? park(attempt, question, decision.answer)
    : stopped(attempt, approvalImpossible(decision.answer, question, `a synchronous operation cannot wait for a human, and ${obstacle}`));
}

/** Longer than this the thread may stand still once without a word. */
const LONG_STALL_MS = 1000;

/** Asks while this thread stands still, within the attempt's own time, and counts what that costs. */
function evaluateNow({ governor, host }: Attempt, question: Question): Outcome {
  const { config, ports } = governor;
  const { syncGate } = ports;
  if (syncGate === undefined) return { kind: 'unaskable', problem: 'there is no sync gate in this process' };
  const { body, endsWithActivity, identifier } = question;
  if (endsWithActivity && config.mode === 'enforce') host.signal?.throwIfAborted();
  const left = endsWithActivity && host.deadline !== undefined ? host.deadline - ports.clock.now() : Infinity;
  const timeout = Math.min(config.syncGovernanceTimeout, left);
  if (timeout <= 0) return { kind: 'unreachable', problem: 'no time is left for the question' };
  return throughBreakerNow(governor.breaker, () => {
    const from = ports.clock.monotonic();
    const outcome = evaluateShown(governor, question, () => syncGate.evaluate(body, timeout));
    countStall(governor, identifier, ports.clock.monotonic() - from);
    return outcome;
  });
}

function countStall({ stalls, warnings }: Governor, identifier: string, ms: number): void {
  stalls.count++;
  stalls.totalMs += ms;
  stalls.longestMs = Math.max(stalls.longestMs, ms);
  if (ms <= LONG_STALL_MS) return;
  const { count, totalMs } = stalls;
  warnings.warn('stalled', `A synchronous question held the whole process for ${Math.round(ms)} ms: use asynchronous functions, or set syncGovernanceTimeout lower`, {
    identifier,
    count,
    totalMs: Math.round(totalMs),
  });
}

/** Why a synchronous operation cannot get its approval by the activity's running again; undefined where it can. */
function obstacleToRunningAgain(attempt: Attempt, question: Question): string | undefined {
  const { governor, host } = attempt;
  if (host.approval === 'here') return 'its activity does not run again; use an asynchronous function';
  if (governor.config.hookApproval === 'wait') return 'hookApproval is "wait"; use an asynchronous function';
  if (repeats(attempt)) return 'its activity may run once only, and part of it has run; use an asynchronous function';
  if (question.fingerprint() === undefined) return 'its arguments cannot be told apart from others, so no grant could name it; use an asynchronous function';
  return undefined;
}

/** Uses up the grant of this step as the step is asked, whatever the answer: a Core that remembers it does not ask for it again. */
function takeGrant({ host: { grants } }: Attempt, question: Question): boolean {
  const step = grants.any ? question.fingerprint()?.step : undefined;
  return step !== undefined && grants.take(step);
}

/** The decision, with what this configuration makes of it; a refusal stops the attempt and is thrown. */
function resolve(attempt: Attempt, question: Question, outcome: Outcome, granted: boolean): Exclude<Decision, { kind: 'refuse' }> {
  const { governor, info } = attempt;
  if (outcome.kind === 'unreachable' && isOver(attempt, question)) throw stopped(attempt, overdue(question));
  const about = { identifier: question.identifier, ids: activityIds(info) };
  const decision = judge(governor, about, outcome);
  if (decision.kind === 'refuse') throw stopped(attempt, decision.error);
  if (decision.kind === 'proceed') {
    note(governor, about, decision);
    return decision;
  }
  if (governor.config.skipHitlActivityTypes.has(info.activityType)) {
    governor.ports.logger.warn(`Approval waved through for activity type "${info.activityType}" (skipHitlActivityTypes)`, {
      identifier: about.identifier,
      ...about.ids,
    });
    return { kind: 'proceed', answer: decision.answer };
  }
  if (question.failed) {
    governor.ports.logger.warn('Approval not waited for: the operation has failed, and nothing is left to withhold', {
      identifier: about.identifier,
      ...about.ids,
    });
    return { kind: 'proceed' };
  }
  if (granted) return { kind: 'proceed', answer: decision.answer };
  if (!governor.config.hitlEnabled) throw stopped(attempt, approvalRequired(decision.answer, about));
  return decision;
}

/** A timer may be that much early. */
const EARLY_MS = 10;

/**
 * Whether the attempt's own time is up. That is no outage, for the error policy to decide: what ran now would run for an
 * attempt that has timed out, beside the next one, and unasked.
 */
function isOver({ governor: { config, ports }, host: { deadline } }: Attempt, { endsWithActivity }: Question): boolean {
  return endsWithActivity && config.mode === 'enforce' && deadline !== undefined && ports.clock.now() + EARLY_MS >= deadline;
}

function overdue({ identifier }: Question): GovernanceTimeoutError {
  const problem = `The activity's own time was up before OpenBox Core had answered about "${identifier}"`;
  return new GovernanceTimeoutError(`${problem}: give it a timeout well above governanceTimeout`, { identifier });
}

async function settleApproval(attempt: Attempt, question: Question, answer: Answer): Promise<Answer | undefined> {
  if (mayRunAgain(attempt, question)) throw park(attempt, question, answer);
  if (answer.approvalId === null && attempt.unnamed !== undefined) {
    // Without an id a decision names only the activity: one is waited for at a time, and the next is asked about anew.
    await attempt.unnamed;
    throwIfStopped(attempt);
    return ask(attempt, question);
  }
  const { host, over } = attempt;
  const signals = [host.signal, question.operation && question.beforeEffect ? over.signal : undefined].filter((signal) => signal !== undefined);
  const wait = awaitApproval(attempt.governor, attempt.info, pendingOf(attempt, question, answer), { ...host, signal: AbortSignal.any(signals), parent: question.span }, attempt.waits);
  if (answer.approvalId === null) {
    const settled = wait.then(ignore, ignore).finally(() => (attempt.unnamed = undefined));
    attempt.unnamed = settled;
  }
  try {
    const { guardrails } = await wait;
    // What Core asked for beside the approval still holds, unless the approver said otherwise.
    return { ...answer, ...(guardrails && { guardrails }) };
  } catch (error) {
    // Nothing was decided: the activity went on without it.
    if (error === over.signal.reason) throw error;
    throw error instanceof OpenBoxError ? stopped(attempt, expiredAsHalt(attempt.governor, error)) : error;
  }
}

/** Whether the activity may end now and go on after the grant: nothing that has happened would be repeated by that. */
function mayRunAgain(attempt: Attempt, question: Question): boolean {
  const { governor, host } = attempt;
  const { beforeEffect, operation, kept } = question;
  if (host.approval === 'here' || question.fingerprint() === undefined) return false;
  if (!operation) return beforeEffect || (kept !== undefined && host.keeps?.(kept) === true);
  return beforeEffect && governor.config.hookApproval !== 'wait' && !repeats(attempt);
}

/** Whether running again would repeat what was wanted once. */
function repeats({ governor, host, hasRun }: Attempt): boolean {
  return governor.config.hookApproval === 'auto' && host.once === true && hasRun;
}

/** Stops the attempt until a human has decided. */
function park(attempt: Attempt, question: Question, answer: Answer): OpenBoxError {
  const pending = pendingOf(attempt, question, answer);
  const mismatch = mismatchOf(attempt, pending);
  if (mismatch !== undefined) return stopped(attempt, mismatch);
  attempt.pending.push(pending);
  return stopped(attempt, approvalRequired(answer, question));
}

/** Where humans have granted this step several times, and it came back different each time. */
function mismatchOf({ governor, host }: Attempt, { place, parts, identifier }: PendingApproval): OpenBoxError | undefined {
  const unmet = host.grants.unmet(place);
  const last = unmet.at(-1);
  const rounds = new Set(unmet.map(({ round }) => round)).size;
  if (last === undefined || rounds < governor.config.maxApprovalRounds) return undefined;
  return new ApprovalMismatchError(
    `Approval mismatch: "${identifier}" was approved ${rounds} times (maxApprovalRounds) and came back different each time; what differed last: ${differences(last.parts, parts).join(', ')}. Make it the same each time the activity runs, or say what it is the same by (option fingerprint)`,
    { identifier },
  );
}

const UNTOLD: Fingerprint = { step: '', place: '', parts: {} };

function pendingOf({ host }: Attempt, question: Question, answer: Answer): PendingApproval {
  return {
    ...(question.fingerprint() ?? UNTOLD),
    approvalId: answer.approvalId,
    expiresAt: parseExpiration(answer.approvalExpirationTime),
    reason: answer.reason === null ? null : printable(answer.reason),
    identifier: question.identifier,
    round: host.grants.round,
  };
}

function tracked<R>(set: Set<Promise<unknown>>, work: Promise<R>): Promise<R> {
  const settled = work.then(ignore, ignore).finally(() => set.delete(settled));
  set.add(settled);
  return work;
}

/** `onApprovalExpired: 'halt'` ends the workflow where nobody decided in time. */
export function expiredAsHalt(governor: Governor, error: OpenBoxError): OpenBoxError {
  if (!(error instanceof ApprovalExpiredError) || governor.config.onApprovalExpired === 'fail') return error;
  return new GovernanceHaltError(`Governance HALT: ${error.message}`, { reason: error.message, cause: error });
}

function stopped(attempt: Attempt, error: OpenBoxError): OpenBoxError {
  stop(attempt, error);
  return error;
}

function ignore(): void {}
