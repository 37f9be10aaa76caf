import { AsyncLocalStorage } from 'node:async_hooks';
import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GovernanceBlockedError } from '../../core/index.ts';
import { ALLOW, at, BLOCK, deferred, type Site, startHttp, startSite } from './test-support.ts';

let site: Site;
beforeAll(async () => {
  site = await startSite(({ method, url, body }, response) => {
    if (url === '/missing') return response.writeHead(404).end('nothing');
    return response.writeHead(200, { 'content-type': 'text/plain' }).end(body === '' ? `${method} ${url}` : body);
  });
});
afterAll(() => site.close());
afterEach(() => void (site.hits.length = 0));

const port = (): number => Number(new URL(site.url).port);

/** The whole body of the answer, once the request is over. */
async function answer(request: http.ClientRequest): Promise<string> {
  const closed = new Promise<unknown>((resolve) => request.on('close', resolve));
  const [message] = (await once(request, 'response')) as [IncomingMessage];
  const body = await text(message);
  await closed;
  return body;
}

describe('call forms', () => {
  const url = (): string => `${site.url}/hello?q=1`;
  const options = (): http.RequestOptions => ({ host: '127.0.0.1', port: port(), path: '/hello?q=1' });
  const forms: readonly [string, () => http.ClientRequest, Record<string, unknown>?][] = [
    ['get, text', () => http.get(url())],
    ['get, URL', () => http.get(new URL(url()))],
    ['get, options', () => http.get(options())],
    ['request, text', () => http.request(url()).end()],
    ['request, URL and options', () => http.request(new URL(url()), { method: 'PUT' }).end(), { method: 'PUT' }],
    ['request, text, options', () => http.request(url(), { headers: { 'X-A': '1' } }).end(), { headers: { 'x-a': '1' } }],
    ['request, hostname', () => http.request({ ...options(), host: 'other.test', hostname: '127.0.0.1' }).end()],
    ['headers as a list', () => http.request(url(), { headers: ['X-A', '1', 'Host', 'h'] }).end(), { headers: { 'x-a': '1', host: 'h' } }],
    ['new ClientRequest', () => new http.ClientRequest(url()).end()],
    ['agent: false', () => http.get(url(), { agent: false })],
    ['an agent of its own', () => http.get(url(), { agent: new http.Agent() })],
    ['headers set later', () => http.request(url()).setHeader('X-B', ['1', '2']).end(), { headers: { 'x-b': '1, 2' } }],
    [
      'a body',
      () => http.request(url(), { method: 'post', headers: { 'content-type': 'text/plain' } }).end('grüße'),
      { method: 'POST', body: 'grüße', headers: { 'content-length': '7' } },
    ],
    ['an encoding', () => http.request(url(), { method: 'POST' }).end('Z3LDvMOfZQ==', 'base64'), { method: 'POST', body: 'grüße' }],
  ];
  test.each(forms)('is one request, shown whole: %s (fault: http-client-unseen)', async (_, call, wanted = {}) => {
    const { method = 'GET', body = '', headers = {} } = wanted;
    const world = startHttp();
    const got = await world.activity(() => answer(call()));
    expect(got).toBe(body === '' ? `${String(method)} /hello?q=1` : body);
    expect(site.hits).toMatchObject([{ method, url: '/hello?q=1', body, headers }]);
    expect(world.asked()).toMatchObject([
      { step: 'http_request/started', span: { http_method: method, http_url: url(), request_headers: headers, request_body: body === '' ? null : body } },
      { step: 'http_request/completed', span: { http_status_code: 200, response_body: got, response_headers: { 'content-type': 'text/plain' } } },
    ]);
  });

  test('a callback gets the answer', async () => {
    const world = startHttp();
    const message = await world.activity(() => new Promise<IncomingMessage>((resolve) => http.get(url(), {}, resolve)));
    expect(message.statusCode).toBe(200);
    expect(world.steps()).toEqual(['http_request/started', 'http_request/completed']);
  });

  test('wrong arguments throw as ever, and nothing is asked', async () => {
    const world = startHttp();
    await expect(world.activity(async () => http.get('nonsense'))).rejects.toMatchObject({ code: 'ERR_INVALID_URL' });
    await expect(world.activity(async () => http.request({ path: '/a b' }))).rejects.toMatchObject({ code: 'ERR_UNESCAPED_CHARACTERS' });
    const request = world.activity(async () => http.request(url()).write({}));
    await expect(request).rejects.toMatchObject({ code: 'ERR_INVALID_ARG_TYPE' });
    expect(world.asked()).toEqual([]);
  });
});

describe('a block', () => {
  test('at started: no connection, an error event, then close', async () => {
    const before = site.connections();
    const world = startHttp(at('http_request/started', BLOCK));
    const events: unknown[] = [];
    const call = world.activity(async () => {
      const request = http.request(`${site.url}/forbidden`, { method: 'POST' }).end('body');
      for (const name of ['socket', 'response', 'error', 'close', 'finish']) request.on(name, (value: unknown) => events.push(name, value));
      await once(request, 'close');
      expect(request.destroyed).toBe(true);
    });
    await expect(call).rejects.toThrow(GovernanceBlockedError);
    expect(events).toEqual(['error', expect.any(GovernanceBlockedError), 'close', undefined]);
    expect([site.connections() - before, site.hits.length]).toEqual([0, 0]);
    expect(world.steps()).toEqual(['http_request/started']);
  });

  test('that nobody listens for ends nothing but its activity', async () => {
    const before = site.connections();
    const world = startHttp(at('http_request/started', BLOCK));
    await expect(world.activity(async () => once(http.get(`${site.url}/forbidden`), 'close', {}).catch(() => undefined))).rejects.toThrow(GovernanceBlockedError);
    const call = world.activity(
      () =>
        new Promise<void>((resolve) => {
          http.get(`${site.url}/forbidden`).on('close', resolve);
        }),
    );
    await expect(call).rejects.toThrow(GovernanceBlockedError);
    expect(site.connections()).toBe(before);
  });

  test('nor does the end of its activity while Core is asked', async () => {
    const controller = new AbortController();
    const world = startHttp(({ step }) => {
      if (step !== 'http_request/started') return undefined;
      controller.abort(new RangeError('cancelled'));
      return Promise.reject(new Error('not answered'));
    });
    const call = world.activity(
      () =>
        new Promise<void>((resolve) => {
          http.get(`${site.url}/forbidden`).on('close', resolve);
        }),
      { signal: controller.signal },
    );
    // With an error event that nobody listens for, the test run itself would fail.
    await call;
    expect([world.steps(), site.hits]).toEqual([['http_request/started'], []]);
  });

  test('of a request on a connection kept alive: not a byte is sent', async () => {
    const world = startHttp(({ span, step }) =>
      step === 'http_request/started' && String(span['http_url']).endsWith('/forbidden') ? BLOCK : undefined,
    );
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
    const before = site.connections();
    const call = world.activity(async () => {
      const first = http.get(`${site.url}/one`, { agent });
      await answer(first);
      const second = http.get(`${site.url}/two`, { agent });
      await answer(second);
      expect([first.reusedSocket, second.reusedSocket]).toEqual([false, true]);
      await answer(http.get(`${site.url}/forbidden`, { agent }));
    });
    await expect(call).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED', identifier: `${site.url}/forbidden` });
    agent.destroy();
    expect(site.connections() - before).toBe(1);
    expect(site.hits.map(({ url }) => url)).toEqual(['/one', '/two']);
  });
});

test('what fails is told, and is the caller’s own error', async () => {
  const world = startHttp();
  await expect(world.activity(() => answer(http.get('http://127.0.0.1:1/')))).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  expect(world.asked()).toMatchObject([
    { step: 'http_request/started' },
    { step: 'http_request/completed', span: { http_status_code: null, error: expect.stringContaining('ECONNREFUSED') } },
  ]);
  await world.activity(() => answer(http.get(`${site.url}/missing`)));
  expect(world.asked().at(-1)).toMatchObject({ span: { error: 'HTTP 404', response_body: 'nothing' } });
});

test('requests in parallel are asked in parallel', async () => {
  const all = deferred();
  let started = 0;
  const world = startHttp(async ({ step }) => {
    if (step === 'http_request/started' && ++started === 3) all.resolve();
    if (step === 'http_request/started') await all.promise;
    return ALLOW;
  });
  const agent = new http.Agent({ maxSockets: 1 });
  const paths = ['/1', '/2', '/3'];
  const texts = await world.activity(() => Promise.all(paths.map((path) => answer(http.get(site.url + path, { agent })))));
  expect(texts).toEqual(paths.map((path) => `GET ${path}`));
});

test('callbacks run in the context of their caller, also on a connection that another opened', async () => {
  const world = startHttp();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const storage = new AsyncLocalStorage<string>();
  const seen: unknown[] = [];
  const current = (): unknown => world.slot.scopes.storage.get()?.info.activityId;
  const visit = (name: string): Promise<void> =>
    storage.run(name, async () => {
      const request = http.get(`${site.url}/${name}`, { agent });
      const closed = once(request, 'close');
      const [message] = (await once(request.on('response', () => seen.push([name, storage.getStore(), current()])), 'response')) as [IncomingMessage];
      message.on('data', () => seen.push([name, storage.getStore(), current()]));
      await once(message, 'end');
      await closed;
    });
  await world.activity(() => visit('a'));
  await world.activity(() => visit('b'));
  await visit('c');
  agent.destroy();
  expect(seen).toEqual([
    ['a', 'a', '1'],
    ['a', 'a', '1'],
    ['b', 'b', '2'],
    ['b', 'b', '2'],
    ['c', 'c', undefined],
    ['c', 'c', undefined],
  ]);
});

test('what a callback does is the caller’s, not part of the request', async () => {
  const world = startHttp();
  await world.activity(
    () =>
      new Promise<void>((resolve, reject) => {
        http.get(`${site.url}/one`, (first) => {
          first.resume().on('end', () => void answer(http.get(`${site.url}/two`)).then(() => resolve(), reject));
        });
      }),
  );
  const parents = world.asked().map(({ span }) => span['parent_span_id']);
  expect([parents.length, new Set(parents).size]).toEqual([4, 1]);
});

describe('left alone', () => {
  test('outside an activity, and after release', async () => {
    const { request, get } = http;
    const { addRequest } = http.Agent.prototype as unknown as { addRequest: unknown };
    const world = startHttp();
    expect([http.request === request, http.get === get]).toEqual([false, false]);
    expect(await answer(http.get(`${site.url}/hello`))).toBe('GET /hello');
    expect(world.asked()).toEqual([]);
    world.release();
    expect([http.request, http.get, (http.Agent.prototype as unknown as { addRequest: unknown }).addRequest]).toEqual([request, get, addRequest]);
  });

  test('or refused, where a call belongs to nobody and strictness asks for that', async () => {
    const world = startHttp(undefined, { unattributed: 'deny' });
    const [running, go] = [deferred(), deferred()];
    const activity = world.activity(async () => {
      running.resolve();
      await go.promise;
    });
    await running.promise;
    expect(() => http.get(`${site.url}/hello`)).toThrow(GovernanceBlockedError);
    expect(() => new http.ClientRequest(`${site.url}/hello`)).toThrow(GovernanceBlockedError);
    go.resolve();
    await activity;
    expect(site.hits).toEqual([]);
  });

  test('prefixes that are to be ignored, but not by a path that only looks like one', async () => {
    const world = startHttp(undefined, { ignoredUrlPrefixes: ['http://ignored.test/', `${site.url}/free`] });
    await world.activity(async () => {
      await answer(http.get(`${site.url}/free/1`));
      await answer(http.get({ host: '127.0.0.1', port: port(), path: 'http://ignored.test/' }));
      await answer(http.get(`${site.url}/freeze`));
      await answer(http.get({ host: '127.0.0.1', port: port(), path: '/secret/../free' }));
    });
    const urls = world.asked().flatMap(({ step, span }) => (step === 'http_request/started' ? [span['http_url']] : []));
    expect(urls).toEqual(['http://ignored.test/', `${site.url}/freeze`, `${site.url}/secret/../free`]);
  });
});
