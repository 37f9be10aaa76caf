import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { WorkerOrders } from './worker.ts';

/** A worker in a process of its own. */
export interface WorkerProcess {
  /** Takes its life, without a word. */
  kill(): Promise<void>;
  /** Lets it end what it has begun. */
  close(): Promise<void>;
}

/** Starts one; resolves when it polls. `npm run demo` names the command. */
export async function startWorker(orders: WorkerOrders, core: { readonly url: string; readonly apiKey: string }): Promise<WorkerProcess> {
  const [program = process.execPath, ...args] = JSON.parse(process.env['DEMO_WORKER'] ?? '[]') as string[];
  const child = spawn(program, [...args, JSON.stringify(orders)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, OPENBOX_URL: core.url, OPENBOX_API_KEY: core.apiKey },
  });
  const gone = once(child, 'exit');
  const ready = once(child.stdout, 'data').then(() => true);
  if (!(await Promise.race([ready, gone.then(() => false)]))) throw new Error('The worker ended before it was ready');
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    child.kill(signal);
    await gone;
  };
  return { kill: () => end('SIGKILL'), close: () => end('SIGTERM') };
}
