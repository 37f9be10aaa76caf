// Runs as a consumer's program, which has two versions of the package: `other-version` is one that does not fit.
import assert from 'node:assert/strict';
import { createOpenBox, OpenBoxConfigError, traced } from '@openbox-ai/temporal-sdk';
import { startLocalCore } from '@openbox-ai/temporal-sdk/testing';
import * as other from 'other-version';

const core = await startLocalCore();
const options = { openboxUrl: core.url, openboxApiKey: core.apiKey };
const openbox = await createOpenBox(options);

const refused = await other.createOpenBox(options).catch((error) => error);
assert.ok(refused instanceof OpenBoxConfigError, String(refused));
assert.match(refused.message, /Two versions .*9\.9\.9/);

// The application goes on: ours is governed, theirs runs, and the line is said once.
const lines = [];
console.warn = (line) => void lines.push(line);
const ran = [];
await openbox.runWorkflow({ workflowType: 'Versions' }, [], ({ activity }) =>
  activity('act', [], async () => {
    await traced(async function ours() { ran.push('ours'); })();
    await other.traced(async function theirs() { ran.push('theirs'); })();
    await other.traced(async function again() { ran.push('again'); })();
  }),
);
assert.deepEqual(ran, ['ours', 'theirs', 'again']);
assert.equal(lines.length, 1);
assert.match(lines[0], /9\.9\.9.*runs unasked/);
const asked = (await core.events()).flatMap(({ body }) => body?.spans ?? []).map((span) => span.function);
assert.deepEqual([...new Set(asked)], ['ours']);

await openbox.close();
await core.close();
console.log('two versions are refused');
