import type { ActivityHost } from './activity-host.ts';
import type { ActivityInfo } from './activity-info.ts';
import { createWaits, type Waits } from './approval-waits.ts';
import { GovernanceHaltError, type OpenBoxError, type PendingApproval } from './errors.ts';
import { type ActivityPayloads, activityPayloads } from './event.ts';
import type { Governor } from './governor.ts';
import { chainOf, haltWorkflow } from './halt.ts';
import type { Span, SpanDescription } from './ports/tracer.ts';

/** One attempt of one activity, as the context carries it: what every operation inside needs. */
export interface Attempt {
  readonly governor: Governor;
  readonly info: ActivityInfo;
  readonly host: ActivityHost;
  /** The activity's own span; operations are its children. */
  readonly span: Span;
  /** Made anew where the arguments are redacted, so that hooks show what really runs. */
  payloads: ActivityPayloads;
  /** The first stop answered; from then on nothing of this attempt runs. */
  stopped: OpenBoxError | undefined;
  /** Reports that nobody waits for and Core has not answered: the next question waits for them. */
  readonly reports: Set<Promise<unknown>>;
  /** Reports whose result is withheld until they are answered: only the activity's end waits for them too. */
  readonly awaited: Set<Promise<unknown>>;
  /** Values handed out that have not ended: unread bodies. */
  readonly open: Set<() => void>;
  /** Steps that wait for a human elsewhere, once this attempt has ended. */
  readonly pending: PendingApproval[];
  /** Questions that Core has not answered: their approvals, too, are waited for elsewhere. */
  readonly questions: Set<Promise<unknown>>;
  /** Whether an operation has run: running the activity again would do it again. */
  hasRun: boolean;
  /** Approvals that are waited for in place. */
  readonly waits: Waits;
  /** The wait for an approval without an id; settles when a human has decided. */
  unnamed: Promise<unknown> | undefined;
  /** Aborts when the attempt is stopped or its function has ended: what has not begun then is not waited for. */
  readonly over: AbortController;
  /** Set when the activity's function has ended; what comes later belongs to no activity. */
  ended: boolean;
  /** Resolves when it has. */
  finished: Promise<unknown>;
  halting: Promise<void> | undefined;
}

export function openAttempt(
  governor: Governor,
  info: ActivityInfo,
  input: readonly unknown[],
  host: ActivityHost,
): Attempt {
  return {
    governor,
    info,
    host,
    span: governor.ports.tracer.span(described(info), host.parent),
    payloads: activityPayloads(info, input),
    stopped: undefined,
    reports: new Set(),
    awaited: new Set(),
    open: new Set(),
    pending: [],
    questions: new Set(),
    hasRun: false,
    waits: createWaits(),
    unnamed: undefined,
    over: new AbortController(),
    ended: false,
    finished: Promise.resolve(),
    halting: undefined,
  };
}

function described({ activityType, workflowId, runId, activityId, attempt }: ActivityInfo): SpanDescription {
  const ids = { 'openbox.workflow_id': workflowId, 'openbox.run_id': runId, 'openbox.activity_id': activityId, 'openbox.attempt': attempt };
  return { name: `activity ${activityType}`, kind: 'INTERNAL', attributes: ids };
}

/** Stops the attempt; the first stop counts, and a HALT whenever it comes: that ends the workflow, and whatever else runs of it here. */
export function stop(attempt: Attempt, error: OpenBoxError): void {
  if (!(error instanceof GovernanceHaltError)) {
    attempt.stopped ??= error;
    attempt.over.abort(attempt.stopped);
    return;
  }
  if (attempt.stopped instanceof GovernanceHaltError) return;
  attempt.stopped = error;
  attempt.over.abort(error);
  const { governor, host } = attempt;
  attempt.halting = haltWorkflow(governor, chainOf(attempt), error, (halt) => host.halt(halt)).then((said) => void (attempt.stopped = said));
}

/** Looked at before every operation and again after every wait. */
export function throwIfStopped(attempt: Attempt): void {
  if (attempt.stopped !== undefined) throw attempt.stopped;
}

/** Looked at before every question: after a HALT nothing is evaluated. */
export function throwIfHalted({ stopped }: Attempt): void {
  if (stopped instanceof GovernanceHaltError) throw stopped;
}

/** Hands in a report; with `awaited` its result is withheld until the answer, so that nothing else waits for it. */
export function handIn(attempt: Attempt, report: Promise<unknown>, awaited = false): void {
  const set = awaited ? attempt.awaited : attempt.reports;
  const answered = report.then(ignore, ignore).finally(() => set.delete(answered));
  set.add(answered);
}

/** Resolves when every report that nobody waits for is answered: Core sees an activity's operations in order. */
export async function reportsAnswered(attempt: Attempt): Promise<void> {
  if (attempt.reports.size > 0) await Promise.all(attempt.reports);
}

/** Ends what was handed out and never finished, then waits until every report is answered. */
export async function drain(attempt: Attempt): Promise<void> {
  for (const abandon of attempt.open) abandon();
  while (attempt.reports.size + attempt.awaited.size > 0) await Promise.all([...attempt.reports, ...attempt.awaited]);
  await attempt.halting;
}

function ignore(): void {}
