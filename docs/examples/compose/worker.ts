import { fileURLToPath } from 'node:url';
import { initialize, workflowInterceptorModules } from '@openbox-ai/temporal-sdk/temporal';
import { bundleWorkflowCode, Worker } from '@temporalio/worker';
import * as activities from '../worker/activities.ts';

const openbox = await initialize({ governancePolicy: 'fail_closed' });

// Also in a build step of its own: the bundle holds no configuration until `prepareBundle`.
const bundle = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../worker/workflows.ts', import.meta.url)),
  workflowInterceptorModules: [...workflowInterceptorModules],
});

const worker = await Worker.create({
  taskQueue: 'agents',
  workflowBundle: await openbox.prepareBundle(bundle),
  activities: { ...activities, ...openbox.activities },
  interceptors: { activity: [...openbox.interceptors.activity] },
  patchActivationCallback: openbox.patchActivationCallback,
});

try {
  await worker.run();
} finally {
  await openbox.close();
}
