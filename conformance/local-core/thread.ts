import { parentPort, workerData } from 'node:worker_threads';
import type { ControlRequest, ControlResult } from './control.ts';
import { serve, type ServerOptions } from './server.ts';

/** A control request on its way to the thread; `id` finds the result that belongs to it. */
export type ThreadCall = ControlRequest & { readonly id: number };

/** What the thread posts: once its address, then results. */
export type ThreadMessage = { readonly url: string } | (ControlResult & { readonly id: number });

/** A function, since a CommonJS module cannot await: where it fails, the thread ends with its error. */
async function start(): Promise<void> {
  const server = await serve(workerData as ServerOptions);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
  const post = (message: ThreadMessage): void => parentPort?.postMessage(message);
  parentPort?.on('message', ({ id, ...request }: ThreadCall) => {
    void server.control(request).then((result) => post({ id, ...result }));
  });
  post({ url: server.url });
}

void start();
