// Runs as a consumer's program under the preload: a function that was taken off its module before governance started is governed.
import assert from 'node:assert/strict';
import { promises } from 'node:fs';
import { createOpenBox } from '@openbox-ai/temporal-sdk';
import { startLocalCore } from '@openbox-ai/temporal-sdk/testing';

const { readFile } = promises;
const core = await startLocalCore({ policy: { rules: [{ when: { hook_type: 'file_operation' }, answer: { verdict: 'block', reason: 'no files here' } }] } });
const openbox = await createOpenBox({ openboxUrl: core.url, openboxApiKey: core.apiKey });
const read = openbox.runWorkflow({ workflowType: 'Preloaded' }, [], ({ activity }) => activity('read', [], () => readFile(new URL(import.meta.url))));
await assert.rejects(read, { name: 'GovernanceBlockedError' });
const spans = (await core.events()).flatMap(({ body }) => body?.spans ?? []);
assert.deepEqual(spans.map(({ hook_type, stage }) => [hook_type, stage]), [['file_operation', 'started']]);
await openbox.close();
await core.close();
console.log('functions taken before are governed');
