import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GovernanceBlockedError } from '../../core/index.ts';
import { ALLOW, at, BLOCK, deferred, type Site, startFetch, startSite } from './test-support.ts';

let site: Site;
const original = globalThis.fetch;

beforeAll(async () => {
  site = await startSite(({ method, url, body }, response) => {
    if (url === '/image') return response.writeHead(200, { 'content-type': 'image/png' }).end(Buffer.from([137, 80]));
    if (url === '/missing') return response.writeHead(404).end('nothing');
    if (url === '/empty') return response.writeHead(204).end();
    if (url === '/odd') return response.writeHead(999, 'Odd').end('odd');
    return response.writeHead(200, { 'content-type': 'text/plain' }).end(body === '' ? `${method} ${url}` : body);
  });
});
afterAll(() => site.close());
afterEach(() => void (site.hits.length = 0));

const get = async (input: Parameters<typeof fetch>[0], init?: RequestInit): Promise<string> => (await fetch(input, init)).text();

describe('outside an activity', () => {
  test('the original is called', async () => {
    const world = startFetch();
    expect(globalThis.fetch).not.toBe(original);
    expect(await get(`${site.url}/hello`)).toBe('GET /hello');
    expect(world.asked()).toEqual([]);
    world.release();
    expect(globalThis.fetch).toBe(original);
  });
});

describe('input forms', () => {
  const url = (): string => `${site.url}/hello?q=1`;
  const forms: readonly [string, () => Parameters<typeof fetch>, Record<string, unknown>?][] = [
    ['text', () => [url()]],
    ['URL', () => [new URL(url())]],
    ['Request', () => [new Request(url())]],
    ['anything with text', () => [{ toString: url } as unknown as string]],
    [
      'init',
      () => [url(), { method: 'post', headers: [['x-a', '1']], body: 'b' }],
      { method: 'POST', body: 'b', headers: { 'x-a': '1', 'content-type': 'text/plain;charset=UTF-8' } },
    ],
    [
      'Request with init over it',
      () => [new Request(url(), { method: 'POST', body: 'a' }), { method: 'PUT', headers: { 'x-b': '2' }, body: 'b' }],
      { method: 'PUT', body: 'b', headers: { 'x-b': '2' } },
    ],
    [
      'Request as init',
      () => [url(), new Request('http://other.test/', { method: 'PUT', headers: { 'x-a': '1' } })],
      { method: 'PUT', headers: { 'x-a': '1' } },
    ],
  ];
  test.each(forms)('%s', async (_, args, wanted = {}) => {
    const { method = 'GET', body = '', headers = {} } = wanted;
    const world = startFetch();
    await world.activity(async () => (await fetch(...args())).text());
    expect(site.hits).toMatchObject([{ method, url: '/hello?q=1', body, headers }]);
    expect(world.asked()).toMatchObject([
      { step: 'http_request/started', span: { http_method: method, http_url: url(), request_headers: headers, request_body: body === '' ? null : body } },
      { step: 'http_request/completed' },
    ]);
  });

  test('options of the runtime reach it', async () => {
    const world = startFetch();
    const seen: unknown[] = [];
    const stop = new Error('stopped by the dispatcher');
    const dispatcher = {
      dispatch(options: { path: string }) {
        seen.push(options.path);
        throw stop;
      },
    };
    const call = world.activity(async () => fetch(`${site.url}/via`, { dispatcher } as unknown as RequestInit));
    await expect(call).rejects.toMatchObject({ cause: stop });
    const hidden = new Request(`${site.url}/hidden`, { dispatcher } as unknown as RequestInit);
    await expect(world.activity(async () => fetch(hidden))).rejects.toMatchObject({ cause: stop });
    expect(seen).toEqual(['/via', '/hidden']);
    expect(site.hits).toEqual([]);
  });

  test('no argument at all is a TypeError too', async () => {
    const world = startFetch();
    await expect(world.activity(() => (fetch as () => Promise<unknown>)())).rejects.toThrow(TypeError);
  });

  test.each([
    ['no URL', ['/relative']],
    ['a bad method', ['http://127.0.0.1/', { method: 'G T' }]],
    ['a body on GET', ['http://127.0.0.1/', { body: 'x' }]],
    ['a stream without duplex', ['http://127.0.0.1/', { method: 'POST', body: new ReadableStream() }]],
    ['an init that is none', ['http://127.0.0.1/', 5]],
    ['a scheme nobody knows', ['nope://x']],
    ['a file', ['file:///etc/hostname']],
  ])('what is not valid gets the error of fetch itself, unasked: %s', async (_, args) => {
    const world = startFetch();
    const call = fetch as (...args: unknown[]) => Promise<unknown>;
    const outside = await call(...args).catch((error: unknown) => error);
    const inside = await world.activity(async () => call(...args)).catch((error: unknown) => error);
    expect(outside).toBeInstanceOf(TypeError);
    expect(inside).toBeInstanceOf(TypeError);
    expect(inside).toMatchObject({ message: (outside as Error).message });
    expect(world.asked()).toEqual([]);
  });

  test('data: stays in the process and is not asked about', async () => {
    const world = startFetch();
    expect(await world.activity(() => get('data:,hello'))).toBe('hello');
    expect(world.asked()).toEqual([]);
  });

  test('getters of options are read once', async () => {
    const world = startFetch();
    let reads = 0;
    const init = { get method() { return ++reads === 1 ? 'PUT' : 'DELETE'; } };
    await world.activity(() => get(`${site.url}/once`, init));
    expect(site.hits.map(({ method }) => method)).toEqual(['PUT']);
    expect(world.asked()[0]?.span['http_method']).toBe('PUT');
  });
});

describe('verdicts', () => {
  test('a blocked request never reaches the server', async () => {
    const quiet = await startSite((_, response) => response.end());
    const world = startFetch(at('http_request/started', BLOCK));
    const error = await world.activity(() => get(`${quiet.url}/secret`, { method: 'POST', body: 'x' })).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(GovernanceBlockedError);
    expect(error).toMatchObject({ identifier: `${quiet.url}/secret`, reason: 'not here' });
    expect([quiet.connections(), quiet.hits]).toEqual([0, []]);
    await quiet.close();
  });

  test.each(['/hello', '/empty'])('a block at completed withholds the response: %s', async (path) => {
    const world = startFetch(at('http_request/completed', BLOCK));
    let text: string | undefined;
    let failure: unknown;
    const call = world.activity(async () => {
      text = await get(site.url + path).catch((error: unknown) => void (failure = error));
    });
    await expect(call).rejects.toThrow(GovernanceBlockedError);
    expect(failure).toBeInstanceOf(GovernanceBlockedError);
    expect(text).toBeUndefined();
    expect(site.hits).toHaveLength(1);
  });

  test('responses without a body are withheld before they are handed out', async () => {
    const world = startFetch(at('http_request/completed', BLOCK));
    let handedOut = false;
    const call = world.activity(async () => {
      await fetch(`${site.url}/hello`, { method: 'HEAD' });
      handedOut = true;
    });
    await expect(call).rejects.toThrow(GovernanceBlockedError);
    expect(handedOut).toBe(false);
    expect(world.steps()).toEqual(['http_request/started', 'http_request/completed']);
  });

  test('parallel requests are asked in parallel', async () => {
    const all = deferred<typeof ALLOW>();
    const world = startFetch(({ step }) => (step === 'http_request/started' ? all.promise : undefined));
    await world.activity(async () => {
      const three = Promise.all([1, 2, 3].map((n) => get(`${site.url}/${n}`)));
      await expect.poll(() => world.steps().length).toBe(3);
      expect(site.hits).toEqual([]);
      all.resolve(ALLOW);
      expect(await three).toEqual(['GET /1', 'GET /2', 'GET /3']);
    });
  });
});

describe('what completed tells', () => {
  test.each([
    ['/hello', { http_status_code: 200, response_body: 'GET /hello', error: null }],
    ['/missing', { http_status_code: 404, response_body: 'nothing', error: 'HTTP 404' }],
    ['/image', { http_status_code: 200, response_body: null, error: null }],
    ['/empty', { http_status_code: 204, response_body: null, error: null }],
  ])('%s', async (path, wanted) => {
    const world = startFetch();
    await world.activity(async () => (await fetch(site.url + path)).arrayBuffer());
    expect(world.asked()[1]).toMatchObject({ step: 'http_request/completed', span: wanted });
  });

  test('a status that the Response class does not take', async () => {
    const world = startFetch();
    await world.activity(async () => {
      const response = await fetch(`${site.url}/odd`);
      expect([response.status, response.ok, response.statusText, await response.text()]).toEqual([999, false, 'Odd', 'odd']);
    });
  });

  test('a failed connection: the error is the runtime’s own', async () => {
    const gone = await startSite(() => {});
    await gone.close();
    const world = startFetch();
    const error: unknown = await world.activity(() => get(gone.url)).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'TypeError', cause: { code: 'ECONNREFUSED' } });
    expect(world.asked()[1]).toMatchObject({
      step: 'http_request/completed',
      span: { http_status_code: null, response_headers: null, error: 'fetch failed', status: { code: 'ERROR' } },
    });
  });
});

describe('aborting', () => {
  test('while Core is asked: the caller need not wait, and nothing is sent', async () => {
    const answer = deferred<typeof ALLOW>();
    const world = startFetch(({ step }) => (step === 'http_request/started' ? answer.promise : undefined));
    const abort = new AbortController();
    await world.activity(async () => {
      const call = fetch(`${site.url}/late`, { signal: abort.signal });
      await expect.poll(() => world.steps().length).toBe(1);
      abort.abort();
      await expect(call).rejects.toMatchObject({ name: 'AbortError' });
      answer.resolve(ALLOW);
      await expect.poll(() => world.steps()).toEqual(['http_request/started', 'http_request/completed']);
    });
    expect(site.hits).toEqual([]);
  });

  test('before the call: nothing is asked', async () => {
    const world = startFetch();
    const reason = new Error('mine');
    await world.activity(async () => {
      await expect(fetch(`${site.url}/never`, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
      await expect(fetch(new Request(`${site.url}/never`, { signal: AbortSignal.abort(reason) }))).rejects.toBe(reason);
    });
    expect([world.asked(), site.hits]).toEqual([[], []]);
  });
});

describe('ignored URL prefixes', () => {
  test('are not asked about, whatever looks like them is', async () => {
    const world = startFetch(undefined, { ignoredUrlPrefixes: [`${site.url}/free`] });
    await world.activity(async () => {
      await get(`${site.url}/free/a`);
      await get(`${site.url}/freedom`);
      await get(`${site.url}/free/../paid`);
    });
    expect(world.asked().filter(({ step }) => step === 'http_request/started').map(({ span }) => span['http_url'])).toEqual([
      `${site.url}/freedom`,
      `${site.url}/paid`,
    ]);
  });
});
