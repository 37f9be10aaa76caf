import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { exactBody, shownHeaders } from './fetch-body.ts';
import { ALLOW, deferred, type Site, startFetch, startSite } from './test-support.ts';

let site: Site;

beforeAll(async () => {
  site = await startSite((_, response) => response.end('ok'));
});
afterAll(() => site.close());
afterEach(() => void (site.hits.length = 0));

const bytes = (text: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(text);
const post = async (init: RequestInit): Promise<string> => (await fetch(site.url, { method: 'POST', ...init })).text();
const streamOf = (...chunks: string[]): ReadableStream<Uint8Array> =>
  new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(bytes(chunk));
      controller.close();
    },
  });

function form(): FormData {
  const data = new FormData();
  data.set('field', 'value');
  data.set('file', new Blob(['content'], { type: 'text/plain' }), 'a.txt');
  return data;
}

describe('what is shown and what is sent', () => {
  const json = { 'content-type': 'application/json' };
  const view = new Uint8Array(bytes('..bytes..').buffer, 2, 5);
  test.each<[string, RequestInit, string | null, string]>([
    ['text', { body: 'grüße' }, 'grüße', 'grüße'],
    ['empty text', { body: '' }, '', ''],
    ['bytes without a type', { body: view }, 'bytes', 'bytes'],
    ['an ArrayBuffer of JSON', { body: bytes('{"a":1}').buffer, headers: json }, '{"a":1}', '{"a":1}'],
    ['parameters', { body: new URLSearchParams({ a: '1 2' }) }, 'a=1+2', 'a=1+2'],
    ['a text blob', { body: new Blob(['blob'], { type: 'text/csv' }) }, 'blob', 'blob'],
    ['a binary blob', { body: new Blob(['blob'], { type: 'image/png' }) }, null, 'blob'],
    ['compressed JSON', { body: bytes('{"a":1}'), headers: { ...json, 'content-encoding': 'gzip' } }, null, '{"a":1}'],
    ['a stream', { body: streamOf('a', 'b'), duplex: 'half' } as RequestInit, null, 'ab'],
    ['an async iterable', { body: (async function* () { yield 'c'; yield 'd'; })(), duplex: 'half' } as unknown as RequestInit, null, 'cd'],
    ['any object', { body: ['x', 'y'] as unknown as string }, 'x,y', 'x,y'],
  ])('shown at started, and sent: %s (fault: body-missing-at-started)', async (_, init, shown, sent) => {
    const world = startFetch();
    expect(await world.activity(() => post(init))).toBe('ok');
    expect(world.asked()[0]?.span['request_body']).toBe(shown);
    expect(site.hits.map(({ body }) => body)).toEqual([sent]);
  });

  test('a form', async () => {
    const world = startFetch();
    await world.activity(() => post({ body: form() }));
    const [hit] = site.hits;
    expect(hit?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(hit?.body).toMatch(/name="field"\r\n\r\nvalue\r\n[^]*filename="a.txt"\r\nContent-Type: text\/plain\r\n\r\ncontent\r\n/);
    expect(world.asked()[0]?.span).toMatchObject({ request_body: null, request_headers: { 'content-type': 'multipart/form-data' } });
  });

  test('no body at all', async () => {
    const world = startFetch();
    await world.activity(() => post({}));
    expect(world.asked()[0]?.span['request_body']).toBeNull();
  });

  test('it is cut at maxBodySize bytes, and sent whole', async () => {
    const world = startFetch(undefined, { maxBodySize: 4 });
    await world.activity(() => post({ body: 'grüße' }));
    expect(world.asked()[0]?.span['request_body']).toBe('grü');
    expect(site.hits[0]?.body).toBe('grüße');
  });
});

describe('the body of a Request', () => {
  const request = (body: BodyInit, more: RequestInit = {}): Request =>
    new Request(site.url, { method: 'POST', body, ...more });

  test.each([
    ['in memory', () => request('hello')],
    ['a short stream', () => request(streamOf('hel', 'lo'), { duplex: 'half' } as RequestInit)],
  ])('%s is shown', async (_, make) => {
    const world = startFetch();
    const given = make();
    await world.activity(async () => (await fetch(given)).text());
    expect(given.bodyUsed).toBe(true);
    expect(world.asked()[0]?.span['request_body']).toBe('hello');
    expect(site.hits[0]).toMatchObject({ body: 'hello', headers: { 'content-length': '5' } });
  });

  test('a long one shows its beginning, and is sent with the length its runtime knows', async () => {
    const world = startFetch(undefined, { maxBodySize: 3 });
    await world.activity(async () => (await fetch(request('hello'))).text());
    expect(world.asked()[0]?.span['request_body']).toBe('hel');
    expect(site.hits[0]).toMatchObject({ body: 'hello', headers: { 'content-length': '5' } });
  });

  test('of a long stream no more than the beginning is read before Core has answered', async () => {
    const answer = deferred<typeof ALLOW>();
    const world = startFetch(({ step }) => (step === 'http_request/started' ? answer.promise : undefined), { maxBodySize: 3 });
    let pulled = 0;
    const stream = new ReadableStream({
      pull(controller) {
        if (++pulled > 20) controller.close();
        else controller.enqueue(bytes('ab'));
      },
    });
    await world.activity(async () => {
      const call = fetch(request(stream, { duplex: 'half' } as RequestInit));
      await expect.poll(() => world.steps().length).toBe(1);
      expect(pulled).toBeLessThan(6);
      answer.resolve(ALLOW);
      await (await call).text();
    });
    expect(world.asked()[0]?.span['request_body']).toBe('aba');
    expect(site.hits[0]?.body).toBe('ab'.repeat(20));
  });
});

test('what the caller changes while Core is asked is not what is sent', async () => {
  const answer = deferred<typeof ALLOW>();
  const world = startFetch(({ step }) => (step === 'http_request/started' ? answer.promise : undefined));
  const body = bytes('{"to":"alice"}');
  const headers = new Headers({ 'content-type': 'application/json', 'x-a': '1' });
  const url = new URL(`${site.url}/first`);
  const init = { method: 'POST', body, headers };
  const data = form();
  await world.activity(async () => {
    const calls = [fetch(url, init), fetch(url, { method: 'POST', body: data })];
    body.set(bytes('{"to":"mallo"}'));
    headers.set('x-a', '2');
    url.pathname = '/second';
    Object.assign(init, { method: 'DELETE', body: 'other' });
    data.set('field', 'other');
    await expect.poll(() => world.steps().length).toBe(2);
    answer.resolve(ALLOW);
    for (const call of calls) await (await call).text();
  });
  const hit = site.hits.find(({ body: sent }) => sent.startsWith('{'));
  expect(hit).toMatchObject({ method: 'POST', url: '/first', body: '{"to":"alice"}', headers: { 'x-a': '1' } });
  expect(site.hits.map(({ body: sent }) => sent).join()).not.toMatch(/other|mallo/);
  expect(world.asked()[0]?.span).toMatchObject({ http_url: `${site.url}/first`, request_body: '{"to":"alice"}' });
});

describe('what an approval covers', () => {
  const exact = async (body: BodyInit): Promise<readonly unknown[] | undefined> => {
    const sent = new Request('http://a.test', { method: 'POST', body });
    return exactBody({ kind: 'bytes', bytes: new Uint8Array(await sent.arrayBuffer()) }, sent.headers);
  };

  test('every byte, not only what is shown', async () => {
    const long = 'x'.repeat(100_000);
    expect(await exact(`${long}a`)).toEqual(['bytes', bytes(`${long}a`)]);
    expect(await exact(`${long}a`)).not.toEqual(await exact(`${long}b`));
  });

  test('JSON, whatever the order of its keys; elsewhere every byte', async () => {
    const sent = (body: string, type: string): readonly unknown[] | undefined => exactBody({ kind: 'bytes', bytes: bytes(body) }, new Headers({ 'content-type': type }));
    for (const type of ['application/json', 'application/vnd.api+json; charset=utf-8']) {
      expect(sent('{"a":1,"b":2}', type)).toEqual(sent('{ "b": 2, "a": 1 }', type));
      expect(sent('{"a":1,"b":2}', type)).not.toEqual(sent('{"a":2,"b":1}', type));
    }
    expect(sent('{"a":1,"b":2}', 'text/plain')).not.toEqual(sent('{"b":2,"a":1}', 'text/plain'));
  });

  test('a form, whatever its boundary', async () => {
    const other = form();
    other.set('field', 'other');
    expect(await exact(form())).toEqual(await exact(form()));
    expect(await exact(other)).not.toEqual(await exact(form()));
    const [one, two] = [1, 2].map(() => new Request('http://a.test', { method: 'POST', body: form() }).headers) as [Headers, Headers];
    expect(one.get('content-type')).not.toBe(two.get('content-type'));
    expect(shownHeaders(one)).toEqual(shownHeaders(two));
  });
});
