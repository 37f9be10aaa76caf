import { type CoreAccess, createClient, type Fetch, type Outcome, randomTracer, secret, systemClock } from '../../core/index.ts';
import { CELLS, type GateData, type GateQuestion, type GateReply, STATE } from './sync-gate.ts';

/** What of its own thread the gate works with. */
export interface ThreadRuntime {
  /** `worker_threads.workerData` */
  readonly workerData: unknown;
  /** `process.once('exit', …)` */
  onExit(listener: () => void): void;
  /** The way to Core. */
  openFetch(access: CoreAccess): Fetch;
}

/**
 * Answers the questions of the thread that started this one: asks Core as the asynchronous way does, with the same
 * retries, limits and outcomes. It waits for nothing of that thread, loads nothing by it and prints nothing.
 */
export function serveGate({ workerData, onExit, openFetch }: ThreadRuntime): void {
  const { access: given, sdkId, port, cells } = workerData as GateData;
  const access: CoreAccess = { ...given, apiKey: secret(given.apiKey) };
  const client = createClient(access, { fetch: openFetch(access), clock: systemClock, tracer: randomTracer }, sdkId);
  const wake = (): void => {
    Atomics.add(cells, CELLS.replies, 1);
    Atomics.notify(cells, CELLS.replies);
  };
  const answer = async ({ id, body, deadline }: GateQuestion): Promise<void> => {
    const outcome = await client.evaluate(body, { deadline }).catch(failed);
    const reply: GateReply = { id, outcome };
    port.postMessage(reply);
    wake();
  };
  onExit(() => {
    Atomics.store(cells, CELLS.state, STATE.ended);
    wake();
  });
  port.on('message', (question: GateQuestion) => void answer(question));
  Atomics.store(cells, CELLS.state, STATE.ready);
}

function failed(error: unknown): Outcome {
  return { kind: 'unreachable', problem: error instanceof Error ? error.message : String(error) };
}
