import { writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { OpenBoxPlugin } from '@openbox-ai/temporal-sdk/temporal';
import { bundleWorkflowCode } from '@temporalio/worker';

// A build needs neither URL nor key; what a worker is configured with is added when the worker is created.
const { code } = await bundleWorkflowCode({
  workflowsPath: fileURLToPath(new URL('../worker/workflows.ts', import.meta.url)),
  plugins: [new OpenBoxPlugin()],
});

await writeFile('workflow-bundle.js', code);
