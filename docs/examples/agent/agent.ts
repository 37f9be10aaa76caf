import { createOpenBox, GovernanceBlockedError } from '@openbox-ai/temporal-sdk';

const openbox = await createOpenBox({ governancePolicy: 'fail_closed' });

try {
  const length = await openbox.runWorkflow({ workflowType: 'Agent' }, ['https://example.com'], ({ activity }, url) =>
    activity('readPage', [url], async (page) => (await (await fetch(page)).text()).length),
  );
  console.log(`${length} characters`);
} catch (error) {
  if (!(error instanceof GovernanceBlockedError)) throw error;
  console.log(`Not allowed: ${error.reason} (${error.identifier})`);
} finally {
  await openbox.close();
}
