import type * as threads from 'node:worker_threads';
import { type Config, type CoreAccess, type Outcome, type SyncGate, systemClock } from '../../core/index.ts';
import { environmentWithout } from './environment.ts';
import type { ThreadEntry } from './thread-entry.ts';

/** What of a runtime the gate works with. */
export interface GateRuntime {
  readonly threads: Pick<typeof threads, 'Worker' | 'MessageChannel' | 'receiveMessageOnPort'>;
  /** What runs in the thread: it must call `serveGate`. */
  readonly entry: ThreadEntry;
  /** Whether there is a file; by an unpatched function. */
  exists(url: URL): boolean;
  /** The process's environment. */
  env(): Readonly<Record<string, string | undefined>>;
  /** Runs `body` in no activity's context: the thread outlives the activity that first needs it. */
  outside<R>(body: () => R): R;
}

/** What the thread is given. Plain data: the API key is a text here, and nothing may print it. */
export interface GateData {
  readonly access: Omit<CoreAccess, 'apiKey'> & { readonly apiKey: string };
  readonly sdkId: string;
  readonly port: threads.MessagePort;
  readonly cells: Int32Array;
}

/** Shared memory: the number of replies so far, which is what the asking thread sleeps on, and the thread's state. */
export const CELLS = { replies: 0, state: 1 } as const;
export const STATE = { starting: 0, ready: 1, ended: 2 } as const;

/** A question on its way to the thread. */
export interface GateQuestion {
  readonly id: number;
  readonly body: string;
  /** Unix milliseconds. */
  readonly deadline: number;
}

export interface GateReply {
  /** Of its question: the reply to one that was given up never answers another. */
  readonly id: number;
  readonly outcome: Outcome;
}

interface Thread {
  readonly worker: threads.Worker;
  readonly port: threads.MessagePort;
  readonly cells: Int32Array;
  readonly startedAt: number;
}

/** The thread ends a question at its deadline itself, and is given this much longer to say so. */
const GRACE_MS = 100;
/** A thread that is not ready by then never will be. */
const START_MS = 10_000;
/** After a start that failed, the next is not tried before: each costs the whole timeout. */
const RESTART_MS = 30_000;
const NO_START = 'the thread of the sync gate does not start';

/**
 * Asks Core from a thread of its own, over a connection of its own, while the calling thread stands still. One thread,
 * started by the first question (it costs tens of megabytes, and many agents ask nothing synchronously), kept, and
 * started anew where it has died.
 */
export function createSyncGate(config: Config, sdkId: string, runtime: GateRuntime): SyncGate {
  const { now, monotonic } = systemClock;
  let thread: Thread | undefined;
  let failedAt: number | undefined;
  let asked = 0;
  let working = false;
  let closed = false;

  const start = (): Thread => {
    const started = runtime.outside(() => startThread(config, sdkId, runtime, monotonic()));
    // An error has no other listener, and would end the process.
    started.worker.on('error', () => {});
    started.worker.on('exit', () => lost(started));
    return started;
  };
  const lost = (one: Thread): void => {
    if (thread !== one) return;
    if (stateOf(one) === STATE.starting) failedAt = monotonic();
    thread = undefined;
    // Also one that is merely stuck.
    void Promise.resolve(one.worker.terminate()).catch(() => undefined);
  };

  const ask = (body: string, timeoutMs: number): Outcome => {
    if (failedAt !== undefined && monotonic() - failedAt < RESTART_MS) return unaskable(NO_START);
    const deadline = now() + timeoutMs;
    const end = monotonic() + timeoutMs;
    // Where the thread dies under the question, another may answer it; a second death is the question's own doing.
    for (let deaths = 0; deaths < 2; deaths++) {
      thread ??= start();
      const question: GateQuestion = { id: ++asked, body, deadline };
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
      thread.port.postMessage(question);
      const outcome = receive(thread, question.id, end + GRACE_MS, runtime.threads);
      if (outcome !== undefined) return outcome;
      const state = stateOf(thread);
      const starting = state === STATE.starting;
      if (!starting || monotonic() - thread.startedAt >= START_MS) lost(thread);
      if (starting) return unaskable(`the thread of the sync gate has not started within ${timeoutMs} ms`);
      if (state !== STATE.ended) return unreachable(`no answer within ${timeoutMs} ms`);
    }
    return unreachable('the thread of the sync gate has died');
  };

  return {
    get working() {
      return working;
    },
    evaluate(body, timeoutMs) {
      if (closed) return unreachable('the sync gate is closed');
      working = true;
      try {
        return ask(body, timeoutMs);
      } catch (error) {
        failedAt = monotonic();
        return unaskable(`${NO_START}: ${error instanceof Error ? error.message : String(error)}`);
      } finally {
        working = false;
      }
    },
    async close() {
      closed = true;
      await thread?.worker.terminate();
    },
  };
}

function startThread(config: Config, sdkId: string, { threads: { Worker, MessageChannel }, entry, env, exists }: GateRuntime, startedAt: number): Thread {
  // Its failure to start would be told only after the thread that stands still here has waited in vain.
  if (entry.url.protocol === 'file:' && !exists(entry.url)) throw new Error(`its file "${entry.url.href}" is not there; ship this package's files unbundled`);
  const { openboxUrl, apiKey, syncGovernanceTimeout, maxAnswerBytes } = config;
  const access = { openboxUrl, apiKey: apiKey.reveal(), governanceTimeout: syncGovernanceTimeout, maxAnswerBytes };
  const cells = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT));
  const { port1, port2 } = new MessageChannel();
  const workerData: GateData = { access, sdkId, port: port2, cells };
  // The process's preloads are not meant for this thread: it would govern itself.
  const own = environmentWithout(env, 'NODE_OPTIONS', 'OPENBOX_API_KEY');
  const worker = new Worker(entry.url, {
    name: 'openbox-sync-gate',
    workerData,
    transferList: [port2],
    execArgv: [...entry.execArgv],
    ...(own && { env: own as NodeJS.ProcessEnv }),
  });
  worker.unref();
  return { worker, port: port1, cells, startedAt };
}

/** Sleeps until the reply to this question is there; undefined where there is none by `end`, or the thread has died. */
function receive({ port, cells }: Thread, id: number, end: number, { receiveMessageOnPort }: GateRuntime['threads']): Outcome | undefined {
  for (;;) {
    const replies = Atomics.load(cells, CELLS.replies);
    for (let next = receiveMessageOnPort(port); next !== undefined; next = receiveMessageOnPort(port)) {
      const reply = next.message as GateReply;
      if (reply.id === id) return reply.outcome;
    }
    const left = end - systemClock.monotonic();
    if (left <= 0 || Atomics.load(cells, CELLS.state) === STATE.ended) return undefined;
    Atomics.wait(cells, CELLS.replies, replies, left);
  }
}

function stateOf({ cells }: Thread): number {
  return Atomics.load(cells, CELLS.state);
}

function unaskable(problem: string): Outcome {
  return { kind: 'unaskable', problem };
}

function unreachable(problem: string): Outcome {
  return { kind: 'unreachable', problem };
}
