import { ApplicationFailure, mapToPayloads, type Payload } from '@temporalio/common';
import { type ContinueAsNew, log, patched, type WorkflowInternalsInterceptor, workflowInfo } from '@temporalio/workflow';
import { activator } from './activator.ts';
import { isHint } from './await-approval.ts';
import { isLetter, type Job, type Letter, letterOf, type Signal, signalOf } from './letters.ts';
import { LATE_MEMO, LATE_SIGNALS } from './protocol.ts';
import { logName } from './send-event.ts';

/** What the memo of the next run says. */
interface Carried {
  /** The run that it comes from: a memo is handed on and on, what it holds is delivered once. */
  readonly from: string;
  readonly signals: readonly Letter[];
  /** Whether a cancellation came too. */
  readonly cancelled?: boolean;
}

/** Temporal fails a workflow with more than 2 MiB of memo, the user's among it; a character may take two bytes. */
const MAX_CHARACTERS = 512 * 1024;

export interface LateSignals {
  /** From here on signals are kept: what the next run is to know is made. */
  leave(by: 'call' | 'end'): void;
  /** The run stays: what was kept is handled here. */
  stay(): void;
  readonly internals: WorkflowInternalsInterceptor;
}

/**
 * Signals that reach a run after the arguments of the next one are made, while Core is asked: they travel in the memo
 * of the next run, which gets them before all others, as if they had been sent to it. Here they are neither handled nor
 * asked about: each question would hold the run up, and bring the next signal.
 */
export function createLateSignals(isPending: () => boolean): LateSignals {
  let leaving: 'call' | 'end' | undefined;
  let kept: { readonly signal: Signal; readonly letter: Letter }[] = [];
  let size = 0;
  let cancelled = false;
  /** As Temporal would hand it on. */
  let memo: Readonly<Record<string, Payload>> = {};

  const stay = (): void => {
    const signals = kept.map(({ signal }) => signal);
    const wasCancelled = cancelled;
    [leaving, kept, size, cancelled] = [undefined, [], 0, false];
    deliver(signals, wasCancelled);
  };

  const keepSignal = (signal: Signal): boolean => {
    // A hint to who waits here.
    if (isHint(signal.signalName) || !patched(LATE_SIGNALS)) return false;
    const letter = letterOf(signal);
    const characters = JSON.stringify(letter).length;
    if (size + characters > MAX_CHARACTERS) {
      log.error(`${logName()}: too much to carry into the next run; ${letter.name} is handled by the one that ends`);
      return false;
    }
    size += characters;
    kept.push({ signal, letter });
    return true;
  };

  /** Whether a job is not to be done here. */
  const keeps = ({ signalWorkflow, cancelWorkflow, doUpdate }: Job): boolean => {
    if (signalWorkflow != null) return keepSignal(signalWorkflow);
    if (cancelWorkflow != null) return patched(LATE_SIGNALS) && (cancelled = true);
    return doUpdate != null && reject(doUpdate);
  };

  const pack = (command: ContinueAsNew['command']): void => {
    const { [LATE_MEMO]: old, ...rest } = memo;
    const own = Object.keys(command.memo ?? {}).length > 0 ? command.memo : undefined;
    // Left alone, an old one would be handed on for ever.
    if (kept.length === 0 && !cancelled && (own !== undefined || old === undefined)) return;
    const { namespace, workflowId, runId } = workflowInfo();
    const carried: Carried = { from: runId, signals: kept.map(({ letter }) => letter), ...(cancelled && { cancelled }) };
    const ours = mapToPayloads(activator().payloadConverter, { [LATE_MEMO]: carried }, { type: 'workflow', namespace, workflowId });
    command.memo = { ...(own ?? rest), ...ours };
  };

  return {
    leave: (by) => void (leaving = by),
    stay,
    internals: {
      activate(input, next) {
        const { activation } = input;
        const jobs = activation.jobs ?? [];
        const start = jobs.find(({ initializeWorkflow }) => initializeWorkflow != null)?.initializeWorkflow;
        if (start != null) {
          memo = start.memo?.fields ?? {};
          unpack();
        }
        // The user's code caught its end, and goes on. A query stands in no history: nothing may change by it.
        if (leaving === 'call' && !isPending() && jobs.some(({ queryWorkflow }) => queryWorkflow == null)) stay();
        next(leaving === undefined ? input : { ...input, activation: { ...activation, jobs: jobs.filter((job) => !keeps(job)) } });
      },
      concludeActivation(input, next) {
        for (const { continueAsNewWorkflowExecution: command } of input.commands) if (command != null) pack(command);
        return next(input);
      },
    },
  };
}

/** By the SDK's own way: handlers, those for any name, and signals that wait for a handler are as always. */
function deliver(signals: readonly Signal[], cancelled: boolean): void {
  for (const signal of signals) activator().signalWorkflow(signal);
  if (cancelled) activator().cancelWorkflow({});
}

/** Before anything else reaches this run. */
function unpack(): void {
  const { memo = {}, continuedFromExecutionRunId } = workflowInfo();
  const carried = memo[LATE_MEMO] as Carried | null | undefined;
  // The user's code sees its own alone.
  delete memo[LATE_MEMO];
  if (carried?.from === undefined || carried.from !== continuedFromExecutionRunId) return;
  const { signals, cancelled = false } = carried;
  // Somebody's own memo by our name: a workflow task that fails for it would fail with every try.
  if (!Array.isArray(signals) || !signals.every(isLetter)) return log.error(`${logName()}: the memo "${LATE_MEMO}" holds no signals of an earlier run`);
  // A worker without this code may have begun the run.
  if ((signals.length > 0 || cancelled) && patched(LATE_SIGNALS)) deliver(signals.map(signalOf), cancelled);
}

/**
 * Its answer would come of a state that ends here, and unanswered the server rejects it with words that do not help.
 * On replay it was accepted, by a worker without this code.
 */
function reject({ runValidator, protocolInstanceId }: NonNullable<Job['doUpdate']>): boolean {
  if (runValidator !== true || !protocolInstanceId) return false;
  const failure = ApplicationFailure.retryable('This run ends and continues as a new one: send the update again', 'ContinuesAsNew');
  activator().rejectUpdate(protocolInstanceId, failure);
  return true;
}
