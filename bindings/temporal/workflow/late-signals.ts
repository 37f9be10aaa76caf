import { ApplicationFailure, mapToPayloads, type Payload, type PayloadConverter } from '@temporalio/common';
import { type ContinueAsNew, log, patched, type WorkflowInternalsInterceptor, workflowInfo } from '@temporalio/workflow';
import { LATE_MEMO, LATE_SIGNALS, WAKE_SIGNAL } from './protocol.ts';
import { logName } from './send-event.ts';

type Activate = NonNullable<WorkflowInternalsInterceptor['activate']>;
type Job = NonNullable<Parameters<Activate>[0]['activation']['jobs']>[number];
type Signal = NonNullable<Job['signalWorkflow']>;
type Update = NonNullable<Job['doUpdate']>;
type Continues = ContinueAsNew['command'];

/** What the memo of the next run says. */
interface Carried {
  /** The run that they come from: a memo is handed on and on, its signals are delivered once. */
  readonly from: string;
  readonly signals: readonly Letter[];
}

/** A signal with its payloads as they came, in a form that any payload converter takes. */
interface Letter {
  readonly name: string;
  readonly args: readonly Plain[];
  readonly headers: Readonly<Record<string, Plain>>;
}

interface Plain {
  readonly metadata: Readonly<Record<string, string>>;
  readonly data: string;
}

/** Temporal fails a workflow with more than 2 MiB of memo, the user's among it; a character may take two bytes. */
const MAX_CHARACTERS = 512 * 1024;

/** Of the SDK's own, which no public API offers. */
interface Activator {
  readonly payloadConverter: PayloadConverter;
  signalWorkflow(signal: Signal): void;
  rejectUpdate(protocolInstanceId: string, error: unknown): void;
}

const activator = (): Activator => (globalThis as unknown as { readonly __TEMPORAL_ACTIVATOR__: Activator }).__TEMPORAL_ACTIVATOR__;

export interface LateSignals {
  /** From here on signals are kept: what the next run is to know is made. */
  leave(by: 'call' | 'end'): void;
  /** The run stays: what was kept is handled here. */
  stay(): void;
  readonly internals: WorkflowInternalsInterceptor;
}

/**
 * Signals that reach a run after the arguments of the next one are made, while Core is asked: they travel in the memo
 * of the next run, which gets them before all others, as if they had been sent to it. Nothing is handled or asked here.
 */
export function createLateSignals(isPending: () => boolean): LateSignals {
  let leaving: 'call' | 'end' | undefined;
  let kept: { readonly signal: Signal; readonly letter: Letter }[] = [];
  let size = 0;
  /** As Temporal would hand it on. */
  let memo: Readonly<Record<string, Payload>> = {};

  const stay = (): void => {
    const signals = kept;
    [leaving, kept, size] = [undefined, [], 0];
    for (const { signal } of signals) activator().signalWorkflow(signal);
  };

  const keeps = (signal: Signal): boolean => {
    // A hint to who waits here.
    if (signal.signalName === WAKE_SIGNAL || !patched(LATE_SIGNALS)) return false;
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

  /** Jobs that are to be done here. */
  const stays = ({ signalWorkflow, doUpdate }: Job): boolean => {
    if (signalWorkflow != null) return !keeps(signalWorkflow);
    return doUpdate == null || !rejected(doUpdate);
  };

  const pack = (command: Continues): void => {
    const { [LATE_MEMO]: old, ...rest } = memo;
    const own = Object.keys(command.memo ?? {}).length > 0 ? command.memo : undefined;
    // Left alone, an old one would be handed on for ever.
    if (kept.length === 0 && (own !== undefined || old === undefined)) return;
    const { namespace, workflowId, runId } = workflowInfo();
    const carried: Carried = { from: runId, signals: kept.map(({ letter }) => letter) };
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
          deliver();
        }
        // The user's code caught its end, and goes on.
        if (leaving === 'call' && !isPending()) stay();
        next(leaving === undefined ? input : { ...input, activation: { ...activation, jobs: jobs.filter(stays) } });
      },
      concludeActivation(input, next) {
        for (const { continueAsNewWorkflowExecution: command } of input.commands) if (command != null) pack(command);
        return next(input);
      },
    },
  };
}

/** Before anything else reaches this run. */
function deliver(): void {
  const { memo = {}, continuedFromExecutionRunId } = workflowInfo();
  const carried = memo[LATE_MEMO] as Carried | null | undefined;
  // The user's code sees its own alone.
  delete memo[LATE_MEMO];
  if (carried?.from === undefined || carried.from !== continuedFromExecutionRunId) return;
  // A worker without this code may have begun the run.
  if (carried.signals.length === 0 || !patched(LATE_SIGNALS)) return;
  for (const letter of carried.signals) activator().signalWorkflow(signalOf(letter));
}

/** Its answer would come from a state that ends here. On replay it was accepted, by a worker without this code. */
function rejected({ runValidator, protocolInstanceId }: Update): boolean {
  if (runValidator !== true || !protocolInstanceId) return false;
  activator().rejectUpdate(protocolInstanceId, ApplicationFailure.retryable('This run ends and continues as a new one: send the update again', 'ContinuesAsNew'));
  return true;
}

function letterOf({ signalName, input, headers }: Signal): Letter {
  return {
    name: signalName ?? '',
    args: (input ?? []).map(plainOf),
    headers: mapValues(headers ?? {}, plainOf),
  };
}

function signalOf({ name, args, headers }: Letter): Signal {
  return { signalName: name, input: args.map(payloadOf), headers: mapValues(headers, payloadOf) };
}

const plainOf = ({ metadata, data }: Payload): Plain => ({ metadata: mapValues(metadata ?? {}, textOf), data: textOf(data) });
const payloadOf = ({ metadata, data }: Plain): Payload => ({ metadata: mapValues(metadata, bytesOf), data: bytesOf(data) });

/** One character a byte. */
const textOf = (bytes: Uint8Array | null | undefined): string => Array.from(bytes ?? [], (byte) => String.fromCharCode(byte)).join('');
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

function mapValues<A, B>(map: Readonly<Record<string, A>>, of: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, of(value)]));
}
