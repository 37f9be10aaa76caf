import { expect, test } from 'vitest';
import { resolveConfig } from './config.ts';
import { manualClock } from './ports/clock.ts';
import { type CannedAnswer, memoryFetch } from './ports/fetch.ts';
import { createTransport, type Send } from './transport.ts';

const KEY = 'obx_test_transport';

function transport(answers: readonly (CannedAnswer | Error)[], options = {}) {
  const clock = manualClock();
  let turn = 0;
  const fetch = memoryFetch(() => {
    const answer = answers[Math.min(turn++, answers.length - 1)];
    if (answer instanceof Error) throw answer;
    return answer ?? {};
  });
  const config = resolveConfig({ openboxUrl: 'http://localhost:1/', openboxApiKey: KEY, ...options });
  const send: Send = createTransport(config, { fetch, clock }, 'openbox-core-typescript-v0.1.0');
  return { send, fetch, clock };
}

const reset = (): Error => new TypeError('fetch failed', { cause: Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }) });

test('sends the headers of the contract, and the key nowhere else', async () => {
  const { send, fetch } = transport([{ json: {} }]);
  await send('POST', '/api/v1/governance/evaluate', '{"a":1}');
  expect(fetch.requests[0]).toMatchObject({
    url: 'http://localhost:1/api/v1/governance/evaluate',
    method: 'POST',
    body: '{"a":1}',
    redirect: 'manual',
    headers: {
      Authorization: `Bearer ${KEY}`,
      'User-Agent': 'OpenBox-SDK/openbox-core-typescript-v0.1.0',
      'X-OpenBox-SDK-Version': 'openbox-core-typescript-v0.1.0',
      'Content-Type': 'application/json',
    },
  });
});

test('no body, no Content-Type', async () => {
  const { send, fetch } = transport([{ json: {} }]);
  await send('GET', '/api/v1/auth/validate', undefined);
  expect(fetch.requests[0]?.headers).not.toHaveProperty('Content-Type');
});

test.each([429, 502, 503, 504])('status %i is tried twice more', async (status) => {
  const { send, fetch } = transport([{ status }]);
  expect(await send('POST', '/x', '{}')).toMatchObject({ kind: 'answer', status });
  expect(fetch.requests.length).toBe(3);
});

test.each([400, 401, 403, 404, 500, 302])('status %i is not tried again', async (status) => {
  const { send, fetch } = transport([{ status }]);
  await send('POST', '/x', '{}');
  expect(fetch.requests.length).toBe(1);
});

test('a broken connection is tried again, and the second answer counts', async () => {
  const { send, fetch } = transport([reset(), { json: { verdict: 'allow' } }]);
  expect(await send('POST', '/x', '{}')).toMatchObject({ kind: 'answer', text: '{"verdict":"allow"}' });
  expect(fetch.requests.length).toBe(2);
});

test('a refused connection is told at once, with what went wrong', async () => {
  const refused = new TypeError('fetch failed', { cause: Object.assign(new Error('connect 127.0.0.1:1'), { code: 'ECONNREFUSED' }) });
  const { send, fetch } = transport([refused]);
  expect(await send('POST', '/x', '{}')).toMatchObject({ kind: 'failed', problem: 'ECONNREFUSED connect 127.0.0.1:1' });
  expect(fetch.requests.length).toBe(1);
});

test('Retry-After is honoured, in seconds and as a date', async () => {
  const seconds = transport([{ status: 503, headers: { 'retry-after': '2' } }, { json: {} }]);
  await seconds.send('POST', '/x', '{}');
  expect(seconds.clock.slept).toEqual([2000]);
  const until = new Date(manualClock().now() + 3000).toUTCString();
  const dated = transport([{ status: 503, headers: { 'retry-after': until } }, { json: {} }]);
  await dated.send('POST', '/x', '{}');
  expect(dated.clock.slept).toEqual([3000]);
});

test('no retry goes past the one deadline', async () => {
  const { send, fetch } = transport([{ status: 503, headers: { 'retry-after': '60' } }], { governanceTimeout: 1000 });
  expect(await send('POST', '/x', '{}')).toMatchObject({ status: 503 });
  expect(fetch.requests.length).toBe(1);
});

test('an answer that never comes ends at the timeout', async () => {
  const clock = manualClock();
  const config = resolveConfig({ openboxUrl: 'http://localhost:1', openboxApiKey: KEY, governanceTimeout: 1000 });
  const hanging = createTransport(
    config,
    {
      clock,
      fetch: (_url, { signal }) =>
        new Promise((_resolve, reject) => {
          signal?.addEventListener('abort', () => reject(signal.reason));
          clock.advance(1000);
        }),
    },
    'x',
  );
  expect(await hanging('POST', '/x', '{}')).toMatchObject({ kind: 'failed', problem: 'no answer within 1000 ms' });
});

test('with no time left nothing is sent', async () => {
  const { send, fetch, clock } = transport([{ json: {} }]);
  expect(await send('POST', '/x', '{}', { deadline: clock.now() - 1 })).toMatchObject({ kind: 'failed' });
  expect(fetch.requests).toEqual([]);
});

test('cancellation rejects with its own reason', async () => {
  const { send, fetch } = transport([{ json: {} }]);
  const reason = new Error('cancelled');
  await expect(send('POST', '/x', '{}', { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  expect(fetch.requests).toEqual([]);
});

test('an answer longer than the limit is not kept', async () => {
  const { send } = transport([{ text: 'x'.repeat(2000) }], { maxAnswerBytes: 1024 });
  expect(await send('POST', '/x', '{}')).toMatchObject({ kind: 'answer', text: null });
});
