import { parentPort, workerData } from 'node:worker_threads';
import type { ThreadCall, ThreadMessage } from './channel.ts';
import { serve, type ServerOptions } from './server.ts';

const server = await serve(workerData as ServerOptions);
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
const post = (message: ThreadMessage): void => parentPort?.postMessage(message);

parentPort?.on('message', ({ id, ...request }: ThreadCall) => {
  void server.control(request).then((result) => post({ id, ...result }));
});
post({ url: server.url });
