import {
  type ActivityInput,
  type ApplicationFailure,
  CancellationScope,
  ContinueAsNew,
  type ContinueAsNewInput,
  type Headers,
  isCancellation,
  type LocalActivityInput,
  log,
  patched,
  type SignalWorkflowInput,
  TemporalFailure,
  type UpdateInput,
  type WorkflowInterceptors,
  workflowInfo,
} from '@temporalio/workflow';
import type { TraceContext } from '../../../core/ports/tracer.ts';
import { activator } from './activator.ts';
import { LOCAL, REGULAR } from './activity-kinds.ts';
import { isHint } from './await-approval.ts';
import { createChain } from './chain.ts';
import { withApprovals, withHeader } from './durable-approvals.ts';
import { cancellationDetails, failureDetails } from './failure-details.ts';
import { FAILURE_TYPES } from './failure-types.ts';
import { createLateSignals } from './late-signals.ts';
import { type EventAnswer, OUR_ACTIVITIES, PATCHES, SKIP_SIGNAL } from './protocol.ts';
import { type EventFields, logName, prepareEvent, sandboxConfig } from './send-event.ts';
import { stoppedActivity, stoppedBare, stoppedChild, stoppedNexusOperation, stopOf } from './stops.ts';
import { insideTrace, traceOf, withTrace } from './trace-headers.ts';

export { MARKER } from './marker.ts';

type Next<I, R> = (input: I) => Promise<R>;

/**
 * Tells Core how a workflow starts, ends and is spoken to, and stops what comes next where an answer says so. Contract §9.
 * "Workflow side".
 *
 * With nothing pending every call goes on in the tick it came in: one awaited promise before `next` would break the
 * replay of histories made without this module.
 */
export function interceptors(): WorkflowInterceptors {
  const chain = createChain();
  const late = createLateSignals(() => chain.pending);
  /** What a signal's answer, or a HALT that could not terminate, stops: everything that comes next, and the next run. */
  let stop: ApplicationFailure | undefined;
  /** The trace in which the workflow was started: handed on to whatever it starts. */
  let trace: TraceContext | undefined;
  const traced = <I extends { readonly headers: Headers }>(input: I): I => (trace === undefined ? input : { ...input, headers: withTrace(input.headers, trace) });
  const halted = (): boolean => stop?.type === FAILURE_TYPES.halt;
  /** The first one counts, and a HALT whenever it comes. */
  const stopBy = (said: ApplicationFailure | undefined): void => {
    if (stop === undefined || said?.type === FAILURE_TYPES.halt) stop = said;
  };

  const ask = (event: EventFields, follow: (answer: EventAnswer) => void): Promise<void> => {
    const send = prepareEvent(event);
    return chain.add(async () => follow(await insideTrace(trace, send)));
  };

  const tell = (event: EventFields): void => {
    void ask(event, (answer) => {
      const said = stopOf(answer, event.event_type);
      if (answer.verdict === 'halt') stopBy(said);
      else if (said !== undefined) log.error(`${logName()}: ${said.message}; a stop of ${event.event_type} has no effect`);
    });
  };

  const askUpdate = async (input: UpdateInput, next: Next<UpdateInput, unknown>): Promise<unknown> => {
    const { name, args } = input;
    let said: ApplicationFailure | undefined;
    await ask(received(name, args), (answer) => {
      said = stopOf(answer, name);
      if (answer.verdict === 'halt') stopBy(said);
    });
    if (said !== undefined) throw said;
    return next(input);
  };

  let ending = false;
  /** A signal's handler has ended it: the function would not run on without us, so nothing more of it goes out. */
  let cutOff = false;
  /** Tells an end. A signal's handler and the workflow's function may end it both: the first one does, once that is told. */
  const end = async (event: EndEvent, rolls = false): Promise<void> => {
    if (ending) return never();
    ending = true;
    if (rolls) late.leave('end');
    else late.stay();
    await chain.settled();
    // Nothing is told after a HALT.
    if (halted()) return;
    if (patched(event.event_type === 'WorkflowFailed' ? PATCHES.failed : PATCHES.complete)) tell(event);
    await chain.settled();
  };

  /** What workflow code threw, its signal handlers too, once it is told. */
  const endBy = async (error: unknown): Promise<never> => {
    const event = endOf(error);
    const rolls = error instanceof ContinueAsNew;
    if (event !== undefined) await end(event, rolls);
    // Told to stop while its end was asked about: the next run would know nothing of it.
    if (stop !== undefined && rolls) throw stop;
    throw error;
  };

  const endByHandler = (error: unknown): Promise<never> => {
    if (!ending && endOf(error) !== undefined) cutOff = true;
    return endBy(error);
  };

  /** Lets a call out once nothing is pending, or makes it fail as `stopped` says. */
  const gate = <I, R>(
    stopped: (input: I, stop: ApplicationFailure) => Error,
    send: (input: I) => I = (input) => input,
  ): ((input: I, next: Next<I, R>) => Promise<R>) => {
    const wait = async (input: I, next: Next<I, R>): Promise<R> => {
      await chain.settled();
      if (stop !== undefined) throw stopped(input, stop);
      return cutOff ? never() : next(send(input));
    };
    return (input, next) => (chain.pending || stop !== undefined || cutOff ? wait(input, next) : next(send(input)));
  };
  const activity = gate<ActivityInput, unknown>(stoppedActivity, traced);
  const localActivity = gate<LocalActivityInput, unknown>(stoppedBare, traced);
  const continues = gate<ContinueAsNewInput, never>((input, said) => {
    late.stay();
    return stoppedBare(input, said);
  }, traced);
  /** Not where a run was under way without us: what comes later than it did breaks the replay of its history. */
  let told = false;
  const waits = (): boolean => told || patched(PATCHES.approvals);

  return {
    inbound: [
      {
        async execute(input, next) {
          const { taskQueue, parent } = workflowInfo();
          trace = traceOf(input.headers);
          if (sandboxConfig() === undefined) log.warn('OpenBox: the bundle was not given to prepareBundle; its workflows go by the defaults');
          told = patched(PATCHES.start);
          if (told) {
            const family = parent && { parent_workflow_id: parent.workflowId, parent_run_id: parent.runId };
            tell({ event_type: 'WorkflowStarted', task_queue: taskQueue, ...family, activity_input: input.args });
          }
          let output: unknown;
          try {
            output = await next(input);
          } catch (error) {
            return endBy(error);
          }
          await end({ event_type: 'WorkflowCompleted', workflow_output: output ?? null });
          // A HALT that could not terminate: there is no other way to end.
          if (stop !== undefined && halted()) throw stop;
          return output;
        },

        handleSignal(input, next) {
          const { signalName, args } = input;
          if (!isHint(signalName) && isAsked(signalName)) {
            void ask(received(signalName, args), (answer) => {
              const said = stopOf(answer, signalName);
              stopBy(said);
              if (said !== undefined) log.error(`${logName()}: ${said.message}; the signal "${signalName}" stops whatever comes next in this workflow`);
            });
          }
          // Not where the run was under way without us: a tick more might break its replay.
          return told ? next(input).catch(endByHandler) : next(input);
        },

        handleUpdate(input, next) {
          return isAsked(input.name) ? askUpdate(input, next) : next(input);
        },
      },
    ],
    outbound: [
      {
        scheduleActivity(input, next) {
          if (OUR_ACTIVITIES.has(input.activityType)) return next(traced(input));
          return waits() ? withApprovals(REGULAR, input, (given) => activity(given, next)) : activity(withHeader(input), next);
        },
        scheduleLocalActivity: (input, next) =>
          waits() ? withApprovals(LOCAL, input, (given) => localActivity(given, next)) : localActivity(withHeader(input), next),
        startChildWorkflowExecution: gate(stoppedChild, traced),
        signalWorkflow: gate<SignalWorkflowInput, void>(stoppedBare),
        startNexusOperation: gate(stoppedNexusOperation),
        continueAsNew(input, next) {
          if (chain.pending && !cutOff) late.leave('call');
          return continues(input, next);
        },
      },
    ],
    internals: [late.internals],
  };
}

type EndEvent = Extract<EventFields, { readonly event_type: 'WorkflowCompleted' | 'WorkflowFailed' }>;

/** For what the end of the workflow cuts off. */
function never(): Promise<never> {
  return new Promise(() => {});
}

/** What the error that ended a workflow's code makes of the workflow; undefined where only a workflow task fails. */
function endOf(error: unknown): EndEvent | undefined {
  if (error instanceof ContinueAsNew) return { event_type: 'WorkflowCompleted', workflow_output: null };
  if (isCancellation(error) && CancellationScope.current().consideredCancelled) {
    return { event_type: 'WorkflowFailed', error: cancellationDetails(error) };
  }
  if (error instanceof TemporalFailure || activator().isConfiguredFailureException?.(error) === true) return { event_type: 'WorkflowFailed', error: failureDetails(error) };
  return undefined;
}

/** Signals and updates alike; names of both stand in `skipSignals`. */
function isAsked(name: string): boolean {
  // Where no host decides, `patched` is always true while live.
  const hasHost = sandboxConfig() !== undefined || workflowInfo().unsafe.isReplaying;
  return !(hasHost && patched(SKIP_SIGNAL + name)) && patched(PATCHES.signal);
}

function received(name: string, args: readonly unknown[]): EventFields {
  return { event_type: 'SignalReceived', task_queue: workflowInfo().taskQueue, signal_name: name, signal_args: args };
}
