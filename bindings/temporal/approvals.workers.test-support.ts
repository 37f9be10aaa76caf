import { appendFile } from 'node:fs/promises';
import { Context } from '@temporalio/activity';
import { DefaultLogger, NativeConnection, Runtime } from '@temporalio/worker';
import { binding } from './test-support.ts';
import { createOpenBoxWorker, type OpenBoxWorker } from './worker.ts';

/** What a worker's process is told. */
export interface WorkerOrders {
  readonly address: string;
  readonly taskQueue: string;
  readonly codePath: string;
  readonly openboxUrl: string;
  readonly openboxApiKey: string;
  /** Every effect is a line of it. */
  readonly effects: string;
  readonly slots?: number;
  readonly hitlPollIntervalMs?: number;
}

/** Program of a process that is a worker until it is killed. */
async function work({ address, effects, codePath, slots = 10, hitlPollIntervalMs = 100, ...options }: WorkerOrders): Promise<OpenBoxWorker> {
  Runtime.install({ logger: new DefaultLogger('ERROR', () => {}), telemetryOptions: { logging: { filter: 'OFF' } } });
  return createOpenBoxWorker(binding, {
    ...options,
    hitlPollIntervalMs,
    connection: await NativeConnection.connect({ address }),
    workflowBundle: { codePath },
    maxConcurrentActivityTaskExecutions: slots,
    // After this a killed worker's workflow task is given to another.
    stickyQueueScheduleToStartTimeout: '500ms',
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    activities: {
      async pay(...args: unknown[]) {
        await appendFile(effects, `${JSON.stringify([args, Context.current().info.heartbeatDetails ?? null])}\n`);
        return args;
      },
    },
  });
}

const [, , orders] = process.argv;
if (orders?.startsWith('{') === true) {
  const worker = await work(JSON.parse(orders) as WorkerOrders);
  const running = worker.run();
  process.stdout.write('ready\n');
  await running;
}
