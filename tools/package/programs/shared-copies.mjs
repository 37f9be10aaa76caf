// Runs as a consumer's program: an ESM and a CommonJS copy of the package in one process are one.
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { createOpenBox, GovernanceBlockedError, OpenBoxConfigError, traced } from '@openbox-ai/temporal-sdk';

const require = createRequire(import.meta.url);
// https://github.com/denoland/deno/issues/29970: by the package's name alone `require()` gets Node's files there.
const copy = require('Deno' in globalThis ? '@openbox-ai/temporal-sdk/deno' : '@openbox-ai/temporal-sdk');
// Its thread is of the CommonJS copy too.
const { startLocalCore } = require('@openbox-ai/temporal-sdk/testing');
assert.notEqual(copy.createOpenBox, createOpenBox, 'there are not two copies');

const core = await startLocalCore({
  policy: { rules: [{ when: { function: 'forbidden' }, answer: { verdict: 'block', reason: 'not this one' } }] },
});
const options = { openboxUrl: core.url, openboxApiKey: core.apiKey };
const server = createServer((_, response) => response.end('ok'));
await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
const url = `http://127.0.0.1:${server.address().port}/`;

/** What was asked before operations of one activity, as `type name`. */
async function asked(openbox, body) {
  await core.clear();
  await openbox.runWorkflow({ workflowType: 'Copies' }, [], ({ activity }) => activity('act', [], body));
  const spans = (await core.events()).flatMap(({ body: event }) => event?.spans ?? []);
  return spans.filter(({ stage }) => stage === 'started').map((span) => [span.hook_type, span.function ?? span.http_url].join(' '));
}

/** Who starts governance, and the copy that then runs functions under it. */
const PAIRS = {
  ESM: [{ createOpenBox, traced }, copy],
  CommonJS: [copy, { createOpenBox, traced }],
};

for (const [name, [first, second]] of Object.entries(PAIRS)) {
  const openbox = await first.createOpenBox(options);
  const other = await second.createOpenBox(options);
  const ran = await asked(openbox, async () => {
    await second.traced(async function greet() {})();
    await fetch(url).then((response) => response.text());
  });
  assert.deepEqual(ran, ['function_call greet', `http_request ${url}`], `started by ${name}: each operation is asked about once`);

  const forbidden = second.traced(async function forbidden() {
    assert.fail('a blocked function ran');
  });
  const stop = await openbox.runWorkflow({ workflowType: 'Copies' }, [], ({ activity }) => activity('act', [], forbidden)).catch((error) => error);
  for (const type of [GovernanceBlockedError, copy.GovernanceBlockedError]) assert.ok(stop instanceof type, `${stop}: a stop of one copy is no stop to the other`);
  await other.close();
  await openbox.close();
}

for (const start of [createOpenBox, copy.createOpenBox]) {
  const refused = await start({ openboxUrl: 'no url' }).catch((error) => error);
  for (const type of [OpenBoxConfigError, copy.OpenBoxConfigError]) assert.ok(refused instanceof type);
  assert.ok(!(refused instanceof GovernanceBlockedError));
}
server.close();
await core.close();
console.log('copies are one');
