import { createOpenBox, OpenBoxError } from '@openbox-ai/temporal-sdk';

const openbox = await createOpenBox({ governancePolicy: 'fail_closed' });

try {
  const length = await openbox.runWorkflow({ workflowType: 'Agent' }, ['https://example.com'], ({ activity }, url) =>
    activity('readPage', [url], async (page) => (await (await fetch(page)).text()).length),
  );
  console.log(`${length} characters`);
} catch (error) {
  // Blocked, halted, rejected, or Core in trouble: `error.code` tells which.
  if (!(error instanceof OpenBoxError)) throw error;
  console.log(`${error.code}: ${error.message}`);
} finally {
  await openbox.close();
}
