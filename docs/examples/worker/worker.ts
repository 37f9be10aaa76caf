import { fileURLToPath } from 'node:url';
import { createOpenBoxWorker } from '@openbox-ai/temporal-sdk/temporal';
import * as activities from './activities.ts';

const worker = await createOpenBoxWorker({
  openboxUrl: process.env['OPENBOX_URL'],
  openboxApiKey: process.env['OPENBOX_API_KEY'],
  governancePolicy: 'fail_closed',
  taskQueue: 'agents',
  workflowsPath: fileURLToPath(new URL('./workflows.ts', import.meta.url)),
  activities,
});

await worker.run();
