import { ApplicationFailure, type Client, type WorkflowHandle, type WorkflowHandleWithFirstExecutionRunId, WorkflowFailedError } from '@temporalio/client';
import type { LocalCore, When } from '../testing.ts';
import type { Action, Ended, Failure } from './recording.ts';

/** What the client of a scenario acts on. */
export interface Playing {
  readonly core: LocalCore;
  readonly client: Client;
  /** Settled once an activity has begun to wait. */
  readonly waiting: Promise<void>;
  restartWorker(): Promise<void>;
}

/** What must have reached Core before an action; recorded was a time that passed. */
const BEFORE: Readonly<Record<string, When>> = {
  signal: { event_type: 'WorkflowStarted' },
  update: { event_type: 'WorkflowStarted' },
  query: { event_type: 'WorkflowStarted' },
  cancel: { event_type: 'ActivityStarted' },
  restart_worker: { event_type: 'ActivityStarted' },
};

type Done = Pick<Ended, 'queries' | 'updates'>;

/** Does what the recorded client did after the start, and returns what it was answered. */
export async function act(playing: Playing, handle: WorkflowHandle, actions: readonly Action[]): Promise<Done> {
  const queries: unknown[] = [];
  const updates: unknown[] = [];
  const doing: Readonly<Record<string, (name: string, args: readonly unknown[]) => Promise<unknown>>> = {
    signal: (name, args) => handle.signal(name, ...args),
    query: async (name) => queries.push(await handle.query(name)),
    update: async (name, args) => updates.push(await handle.executeUpdate<unknown, [unknown]>(name, { args: args as [unknown] })),
    cancel: async () => {
      await playing.waiting;
      await handle.cancel();
    },
    restart_worker: () => playing.restartWorker(),
  };
  for (const [what, name, args = []] of actions) {
    if (what === 'sleep') continue;
    const doIt = doing[what];
    if (doIt === undefined) throw new Error(`Unknown action "${what}": expected one of ${Object.keys(doing).join(', ')}`);
    await playing.core.waitForEvent({ ...BEFORE[what], workflow_id: handle.workflowId });
    await doIt(String(name), args);
  }
  return { ...(queries.length > 0 && { queries }), ...(updates.length > 0 && { updates }) };
}

/** How a workflow ended. One that is still running after `bound` seconds is terminated. */
export async function endingOf(handle: WorkflowHandle, bound?: number): Promise<Omit<Ended, 'history'>> {
  const ended = await Promise.race([resultOf(handle), ...(bound === undefined ? [] : [boundOf(bound)])]);
  if (ended.ended.startsWith('HANG')) await handle.terminate('bound reached');
  const { status } = await handle.describe();
  return { workflow_id: handle.workflowId, ...ended, status: status.name };
}

type Result = Pick<Ended, 'ended' | 'result' | 'failure'>;

function resultOf(handle: WorkflowHandle): Promise<Result> {
  return handle.result().then(
    (result: unknown) => ({ ended: 'completed', result }),
    (error: unknown) => {
      if (!(error instanceof WorkflowFailedError)) throw error;
      return { ended: 'failed', failure: chainOf(error) };
    },
  );
}

async function boundOf(seconds: number): Promise<Result> {
  await new Promise((resolve) => void setTimeout(resolve, seconds * 1000).unref());
  return { ended: `HANG: still RUNNING after ${seconds} s` };
}

function chainOf(error: unknown): readonly Failure[] {
  if (!(error instanceof Error)) return [];
  const { name, message, cause } = error;
  const own = error instanceof ApplicationFailure ? { type: error.type ?? '', non_retryable: error.nonRetryable ?? false } : {};
  return [{ class: name, message, ...own }, ...chainOf(cause)];
}

/** The first run's history as far as it is compared: its patches. */
export async function historyOf(client: Client, { workflowId, firstExecutionRunId }: WorkflowHandleWithFirstExecutionRunId): Promise<readonly string[]> {
  const { events } = await client.workflow.getHandle(workflowId, firstExecutionRunId).fetchHistory();
  return (events ?? []).flatMap(({ markerRecordedEventAttributes: marker }) => {
    const data = marker?.details?.['patch-data']?.payloads?.[0]?.data;
    return data ? [`MARKER_RECORDED ${String(marker?.markerName)} ${new TextDecoder().decode(data)}`] : [];
  });
}

/** Whether a text stands anywhere in the histories, payloads included. */
export async function secretIn(secret: string, handles: readonly WorkflowHandle[]): Promise<boolean> {
  const histories = await Promise.all(handles.map((handle) => handle.fetchHistory()));
  return histories.some((history) => textOf(history).includes(secret));
}

function textOf(value: unknown): string {
  if (typeof value !== 'object' || value === null) return String(value);
  if (value instanceof Uint8Array) return new TextDecoder().decode(value);
  return Object.values(value).map(textOf).join('\n');
}
