import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GovernanceBlockedError } from '../../core/index.ts';
import { nextHop } from './fetch-redirect.ts';
import { at, BLOCK, type Hit, type Site, startFetch, startSite, type World } from './test-support.ts';

let site: Site;
let other: Site;

/** `/to/<status>/<location>` redirects there; everything else tells what it saw. */
beforeAll(async () => {
  const handle = ({ url, method, body }: Hit, response: ServerResponse): void => {
    const [, status, location] = /^\/to\/(\d+)\/(.*)$/.exec(url) ?? [];
    if (status !== undefined) response.writeHead(Number(status), { location: decodeURIComponent(location ?? '') }).end('moved');
    else if (url === '/nowhere') response.writeHead(302).end('no location');
    else response.end(`${method} ${url} ${body}`);
  };
  [site, other] = await Promise.all([startSite(handle), startSite(handle)]);
});
afterAll(() => Promise.all([site.close(), other.close()]));
afterEach(() => void (site.hits.length = other.hits.length = 0));

const to = (status: number, location: string): string => `${site.url}/to/${status}/${encodeURIComponent(location)}`;

/** The same call ungoverned and governed: what the server saw and what the caller got. */
async function both(world: World, url: string, init: () => RequestInit): Promise<{ hits: Hit[]; answer: unknown }[]> {
  const call = async (): Promise<{ hits: Hit[]; answer: unknown }> => {
    site.hits.length = other.hits.length = 0;
    const answer = await fetch(url, init()).then(
      async (response) => [response.status, response.url, response.redirected, response.type, await response.text()],
      (error: unknown) => [(error as Error).name, (error as Error).message],
    );
    return { hits: [...site.hits, ...other.hits], answer };
  };
  return [await call(), await world.activity(call)];
}

const post = (): RequestInit => ({ method: 'POST', body: 'x', headers: { 'content-language': 'en' } });
const put = (): RequestInit => ({ method: 'PUT', body: 'x' });
const credentials = (): RequestInit => ({ headers: { authorization: 'a', cookie: 'b=c', 'proxy-authorization': 'd', 'x-kept': '1' } });
const stream = (): RequestInit => ({ method: 'POST', body: new Blob(['x']).stream(), duplex: 'half' }) as RequestInit;

describe('the same as fetch itself', () => {
  test.each<[string, () => string, () => RequestInit]>([
    ...[301, 302, 303, 307, 308].flatMap((status): [string, () => string, () => RequestInit][] => [
      [`${status} GET`, () => to(status, '/end'), () => ({})],
      [`${status} HEAD`, () => to(status, '/end'), () => ({ method: 'HEAD' })],
      [`${status} POST`, () => to(status, '/end'), post],
      [`${status} PUT`, () => to(status, '/end'), put],
      [`${status} with a stream`, () => to(status, '/end'), stream],
    ]),
    ['a chain', () => to(302, to(307, to(303, '/end'))), post],
    ['a relative location', () => `${site.url}/to/302/..%2Fend%3Fq`, () => ({})],
    ['a location in UTF-8', () => `${site.url}/to/302/${encodeURIComponent(Buffer.from('/grüße').toString('latin1'))}`, () => ({})],
    ['a location with a fragment', () => `${to(302, '/end#there')}#here`, () => ({})],
    ['another origin, with credentials', () => to(302, `${other.url}/end`), credentials],
    ['the same origin, with credentials', () => to(302, '/end'), credentials],
    ['no location', () => `${site.url}/nowhere`, () => ({})],
    ['an invalid location', () => to(302, 'http://[bad'), () => ({})],
    ['another scheme', () => to(302, 'data:,x'), () => ({})],
    ["redirect: 'error'", () => to(302, '/end'), () => ({ redirect: 'error' })],
    ["redirect: 'manual'", () => to(302, '/end'), () => ({ redirect: 'manual' })],
    ['no redirect status', () => to(300, '/end'), () => ({})],
  ])('%s', async (_, url, init) => {
    const [wanted, got] = await both(startFetch(), url(), init);
    expect(got).toEqual(wanted);
  });

  test('but bytes are sent again, which the fetch of Node 20 fails to do', async () => {
    const world = startFetch();
    await world.activity(async () => (await fetch(to(307, '/end'), { method: 'PUT', body: new Uint8Array([120]) })).text());
    expect(site.hits.map(({ method, body }) => [method, body])).toEqual([
      ['PUT', 'x'],
      ['PUT', 'x'],
    ]);
  });

  test.each([20, 21])('%d redirects', async (count) => {
    let left = 0;
    const loop = await startSite((_, response) => {
      if (left-- > 0) response.writeHead(302, { location: '/again' }).end();
      else response.end('out');
    });
    const world = startFetch();
    const call = async (): Promise<string> => {
      left = count;
      return fetch(loop.url).then((response) => response.text(), (error: unknown) => (error as Error).message);
    };
    const wanted = await call();
    expect(wanted).toBe(count === 20 ? 'out' : 'fetch failed');
    expect(await world.activity(call)).toBe(wanted);
    await loop.close();
  });
});

describe('hops', () => {
  test('each is an operation of its own', async () => {
    const world = startFetch();
    await world.activity(async () => (await fetch(to(302, '/end'), post())).text());
    expect(world.asked().map(({ step, span }) => [step, span['http_method'], span['http_url'], span['http_status_code'], span['response_body']])).toEqual([
      ['http_request/started', 'POST', to(302, '/end'), null, null],
      ['http_request/completed', 'POST', to(302, '/end'), 302, null],
      ['http_request/started', 'GET', `${site.url}/end`, null, null],
      ['http_request/completed', 'GET', `${site.url}/end`, 200, 'GET /end '],
    ]);
    const [first, , second] = world.asked();
    expect(first?.span['span_id']).not.toBe(second?.span['span_id']);
    expect([first?.span['request_body'], second?.span['request_body']]).toEqual(['x', null]);
  });

  test('a blocked target never sees a connection', async () => {
    const quiet = await startSite((_, response) => response.end());
    const world = startFetch(({ step, span }) => (step === 'http_request/started' && span['http_url'] === `${quiet.url}/end` ? BLOCK : undefined));
    await expect(world.activity(() => fetch(to(302, `${quiet.url}/end`)))).rejects.toThrow(GovernanceBlockedError);
    expect([site.hits.length, quiet.connections()]).toEqual([1, 0]);
    await quiet.close();
  });

  test('a redirect that is blocked at completed is not followed', async () => {
    const world = startFetch(at('http_request/completed', BLOCK));
    await expect(world.activity(() => fetch(to(302, `${other.url}/end`)))).rejects.toThrow(GovernanceBlockedError);
    expect(other.hits).toEqual([]);
  });

  test('an ignored URL that redirects to one that is not does not take it along', async () => {
    const world = startFetch(undefined, { ignoredUrlPrefixes: [`${site.url}/to`] });
    await world.activity(async () => (await fetch(to(302, '/end'))).text());
    expect(world.asked().map(({ step, span }) => [step, span['http_url']])).toEqual([
      ['http_request/started', `${site.url}/end`],
      ['http_request/completed', `${site.url}/end`],
    ]);
  });

  test('a Request keeps its settings', async () => {
    const world = startFetch();
    const given = new Request(to(307, '/end'), { method: 'POST', body: 'x', headers: { 'x-a': '1' }, referrer: `${site.url}/from` });
    await world.activity(async () => (await fetch(given)).text());
    expect(site.hits[1]).toMatchObject({ method: 'POST', body: 'x', headers: { 'x-a': '1' } });
    expect(site.hits[1]?.headers['referer']).toBe(site.hits[0]?.headers['referer']);
  });

  test.each([
    ['/end', '#here'],
    ['/end#there', '#there'],
  ])('a fragment is handed on, unless %s has its own', (location, hash) => {
    const hop = { method: 'GET', url: new URL('http://a.test/#here'), headers: new Headers(), body: { kind: 'none' }, mode: 'cors' } as const;
    expect(nextHop(hop, { status: 302, headers: new Headers({ location }) }, 0).url.hash).toBe(hash);
  });
});
