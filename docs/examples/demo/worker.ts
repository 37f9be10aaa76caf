import { fileURLToPath } from 'node:url';
import { createOpenBoxWorker } from '@openbox-ai/temporal-sdk/temporal';
import { DefaultLogger, makeTelemetryFilterString, NativeConnection, Runtime } from '@temporalio/worker';
import { activities } from './activities.ts';

/** What the demo tells its worker; URL and key of Core stand in its environment. */
export interface WorkerOrders {
  readonly address: string;
  readonly taskQueue: string;
}

/** The process of a worker: the demo kills the first one while an approval is open. */
async function work({ address, ...options }: WorkerOrders): Promise<void> {
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' }) } },
  });
  const say = (text: string): void => void process.stderr.write(`     ${text}\n`);
  const connection = await NativeConnection.connect({ address });
  const worker = await createOpenBoxWorker({
    ...options,
    connection,
    workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
    activities,
    hitlPollIntervalMs: 1000,
    // Whoever goes on after a killed worker does so at once.
    stickyQueueScheduleToStartTimeout: '1s',
    logger: { info: () => {}, warn: say, error: say },
  });
  const running = worker.run();
  process.stdout.write('ready\n');
  await running;
  await connection.close();
}

await work(JSON.parse(process.argv.at(-1) ?? '') as WorkerOrders);
