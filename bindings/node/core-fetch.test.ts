import { AsyncLocalStorage } from 'node:async_hooks';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import type { FetchInit, FetchResponse } from '../../core/index.ts';
import { deferred, type Site, startSite } from '../adapters/test-support.ts';
import type { CoreFetch } from '../adapters/builtin-ports.ts';
import { openCoreFetch } from './core-fetch.ts';

let site: Site | undefined;
let core: CoreFetch | undefined;
afterEach(async () => {
  await core?.close();
  await site?.close();
});

const POST: FetchInit = { method: 'POST', headers: { 'X-A': '1' }, body: '{"q":1}', redirect: 'manual' };

async function open(handle: Parameters<typeof startSite>[0]): Promise<CoreFetch & { readonly url: string }> {
  site = await startSite(handle);
  core = openCoreFetch(site.url, 1_000);
  return { ...core, url: site.url };
}

async function textOf({ body }: FetchResponse): Promise<string> {
  let text = '';
  for await (const chunk of body ?? []) text += new TextDecoder().decode(chunk);
  return text;
}

test('sends what it is given and gives what is answered', async () => {
  const { fetch, url } = await open((hit, response) => response.writeHead(503, { 'retry-after': '7', 'x-many': ['a', 'b'] }).end(hit.body));
  const response = await fetch(`${url}/api?q`, POST);
  expect(response.status).toBe(503);
  expect([response.headers.get('Retry-After'), response.headers.get('x-many'), response.headers.get('absent')]).toEqual(['7', 'a, b', null]);
  expect(await textOf(response)).toBe('{"q":1}');
  expect(site?.hits).toMatchObject([{ method: 'POST', url: '/api?q', body: '{"q":1}', headers: { 'x-a': '1' } }]);
});

test('a redirect is an answer like any other', async () => {
  const { fetch, url } = await open((_, response) => response.writeHead(302, { location: '/other' }).end());
  expect((await fetch(url, POST)).status).toBe(302);
  expect(site?.hits).toHaveLength(1);
});

test('connections are kept', async () => {
  const { fetch, url } = await open((_, response) => response.end('ok'));
  for (let i = 0; i < 50; i++) await textOf(await fetch(url, POST));
  // The pool opens a second one where the first is not yet seen to be free.
  expect(site?.connections()).toBeLessThanOrEqual(2);
});

test('questions asked together go out together', async () => {
  const all = deferred();
  let waiting = 0;
  const { fetch, url } = await open(async (_, response) => {
    if (++waiting === 30) all.resolve();
    await all.promise;
    response.end('ok');
  });
  const answers = await Promise.all(Array.from({ length: 30 }, async () => textOf(await fetch(url, POST))));
  expect(answers).toHaveLength(30);
});

test('a signal ends a question, also while its answer is read', async () => {
  const { fetch, url } = await open((_, response) => response.write('half'));
  const abort = new AbortController();
  const response = await fetch(url, { ...POST, signal: abort.signal });
  const reading = textOf(response);
  abort.abort(new Error('too late'));
  await expect(reading).rejects.toThrow('too late');
  await expect(fetch(url, { ...POST, signal: abort.signal })).rejects.toThrow('too late');
});

test('a connection that fails names its reason', async () => {
  const server = createServer();
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => void server.close(closed));
  core = openCoreFetch(`http://127.0.0.1:${port}`, 1_000);
  await expect(core.fetch(`http://127.0.0.1:${port}/`, POST)).rejects.toMatchObject({ code: 'ECONNREFUSED' });
});

test('its connections know nothing of the activity that opened them', async () => {
  const storage = new AsyncLocalStorage<string>();
  const { fetch, url } = await open((_, response) => response.end('ok'));
  const answer = await storage.run('activity', async () => {
    const response = await fetch(url, POST);
    // Context comes back where the answer is awaited.
    expect(storage.getStore()).toBe('activity');
    return response;
  });
  expect(await textOf(answer)).toBe('ok');
});
