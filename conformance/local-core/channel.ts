import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { ServerOptions } from './server.ts';
// These types are also what makes the compiler build the thread: nothing else imports it.
import type { ThreadCall, ThreadMessage } from './thread.ts';

/** A local Core in a thread of its own. */
export interface Channel {
  readonly url: string;
  /** Asks the control API. Rejects with its error, or where the local Core is closed. */
  readonly call: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

interface Pending {
  readonly resolve: (json: unknown) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts a local Core in a thread, so that it answers while the process under test is busy, and so that what patches that
 * process (its fetch, its sockets) never sees the local Core. The thread keeps no process alive but for calls under way.
 */
export async function openChannel(options: ServerOptions): Promise<Channel> {
  const worker = startThread(options);
  const [first] = (await once(worker, 'message')) as [ThreadMessage];
  if (!('url' in first)) throw new Error('The thread of the local Core answered before it listened');
  const waiting = new Map<number, Pending>();
  let asked = 0;
  let end: Error | undefined;
  worker.on('message', (message: ThreadMessage) => {
    if (!('id' in message)) return;
    const call = waiting.get(message.id);
    settle(message.id);
    if (message.status === 200) call?.resolve(message.json);
    else call?.reject(new Error((message.json as { error: string }).error));
  });
  worker.on('error', (cause) => fail(new Error(`The thread of the local Core failed: ${String(cause)}`, { cause })));
  worker.on('exit', () => fail(new Error('The local Core is closed')));
  worker.unref();
  return {
    url: first.url,
    call(method, path, body) {
      return new Promise((resolve, reject) => {
        if (end) {
          reject(end);
          return;
        }
        asked += 1;
        waiting.set(asked, { resolve, reject });
        worker.ref();
        // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
        worker.postMessage({ id: asked, method, path, body } satisfies ThreadCall);
      });
    },
    async close() {
      await worker.terminate();
    },
  };

  function settle(id: number): void {
    waiting.delete(id);
    if (waiting.size === 0) worker.unref();
  }

  function fail(error: Error): void {
    end ??= error;
    for (const [id, { reject }] of waiting) {
      settle(id);
      reject(end);
    }
  }
}

function startThread(options: ServerOptions): Worker {
  const extension = import.meta.url.endsWith('.ts') ? '.ts' : '.js';
  // Bun and Deno read TypeScript by themselves.
  const needsTsx = extension === '.ts' && !('bun' in process.versions) && !('deno' in process.versions);
  const env = { ...process.env };
  // The process's preloads (a test runner's, an agent's) are not meant for this thread.
  delete env['NODE_OPTIONS'];
  return new Worker(new URL(`./thread${extension}`, import.meta.url), {
    workerData: options,
    env,
    execArgv: needsTsx ? ['--import', new URL('../../tools/register-tsx.mjs', import.meta.url).href] : [],
  });
}
