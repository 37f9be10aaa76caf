import { fileURLToPath } from 'node:url';
import { OpenBoxPlugin } from '@openbox-ai/temporal-sdk/temporal';
import { NativeConnection, Worker } from '@temporalio/worker';
import * as activities from '../worker/activities.ts';

// A connection hands its plugins to every worker and client made with it.
const connection = await NativeConnection.connect({ plugins: [new OpenBoxPlugin({ governancePolicy: 'fail_closed' })] });

try {
  const worker = await Worker.create({
    connection,
    taskQueue: 'agents',
    workflowsPath: fileURLToPath(new URL('../worker/workflows.ts', import.meta.url)),
    activities,
  });
  await worker.run();
} finally {
  await connection.close();
}
