import { createOpenBox } from '@openbox-ai/temporal-sdk';
import { startLocalCore } from '@openbox-ai/temporal-sdk/testing';

const core = await startLocalCore({
  policy: { rules: [{ when: { hook_type: 'http_request' }, answer: { verdict: 'block', reason: 'no network here' } }] },
});
const openbox = await createOpenBox({ openboxUrl: core.url, openboxApiKey: core.apiKey });

const refused = await openbox
  .runWorkflow({ workflowType: 'Test' }, [], ({ activity }) => activity('read', [], () => fetch('http://127.0.0.1:9')))
  .catch((error: unknown) => String(error));
console.log(refused, (await core.events()).length);

await openbox.close();
await core.close();
