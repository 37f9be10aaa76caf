import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { PassThrough, Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GovernanceBlockedError } from '../../core/index.ts';
import { ALLOW, at, BLOCK, deferred, type Site, startHttp, startSite } from './test-support.ts';

let site: Site;
let release = deferred();
let dropped = deferred();

beforeAll(async () => {
  site = await startSite(async ({ url }, response) => {
    response.setHeader('content-type', 'text/plain');
    response.on('close', dropped.resolve);
    switch (url) {
      case '/empty':
        return response.end();
      case '/none':
        return response.writeHead(204).end();
      case '/same':
        return response.writeHead(304).end();
      case '/gzip':
        return response.setHeader('content-encoding', 'gzip').end(gzipSync('squeezed'));
      case '/image':
        return response.setHeader('content-type', 'image/png').end(Buffer.from([137, 80]));
      case '/latin':
        return response.setHeader('content-type', 'text/plain; charset=iso-8859-1').end(Buffer.from([0xfc]));
      case '/broken':
        response.write('some');
        await release.promise;
        return response.destroy();
      case '/early':
        return response.writeEarlyHints({ link: '</a>' }, () => response.end('late'));
      case '/trailers':
        response.writeHead(200, { trailer: 'x-sum' });
        response.write('body');
        response.addTrailers({ 'x-sum': '4' });
        return response.end();
      default:
        response.setHeader('set-cookie', ['a=1', 'b=2']);
        response.write('first ');
        await release.promise;
        return response.end('second');
    }
  });
});
afterAll(() => site.close());
afterEach(() => {
  site.hits.length = 0;
  [release, dropped] = [deferred(), deferred()];
});

async function get(path: string, options: http.RequestOptions = {}): Promise<IncomingMessage> {
  const [message] = (await once(http.request(site.url + path, options).end(), 'response')) as [IncomingMessage];
  return message;
}

const READERS: readonly [string, (message: IncomingMessage) => Promise<string>][] = [
  [
    'data and end',
    (message) =>
      new Promise((resolve, reject) => {
        let whole = '';
        message.on('data', (chunk: Buffer) => (whole += chunk.toString())).on('end', () => resolve(whole)).on('error', reject);
      }),
  ],
  [
    'data and end, errors at the request',
    (message) =>
      new Promise((resolve, reject) => {
        let whole = '';
        (message as IncomingMessage & { req: http.ClientRequest }).req.on('error', reject);
        message.setEncoding('utf8').on('data', (chunk: string) => (whole += chunk)).on('end', () => resolve(whole));
      }),
  ],
  ['for await', text],
  [
    'readable and read()',
    (message) =>
      new Promise((resolve, reject) => {
        let whole = '';
        message.on('readable', () => {
          for (let chunk: Buffer | null; (chunk = message.read() as Buffer | null) !== null; ) whole += chunk.toString();
        });
        message.on('end', () => resolve(whole)).on('error', reject);
      }),
  ],
  ['pipeline', async (message) => text(await through(message))],
  ['a web stream', (message) => new Response(Readable.toWeb(message) as ReadableStream).text()],
];

async function through(message: IncomingMessage): Promise<PassThrough> {
  const target = new PassThrough();
  await pipeline(message, target);
  return target;
}

describe.each(READERS)('read by %s', (_, read) => {
  test('chunks come as they arrive; only the end waits for Core', async () => {
    const [completed, go] = [deferred(), deferred()];
    const world = startHttp(async ({ step }) => {
      if (step !== 'http_request/completed') return ALLOW;
      completed.resolve();
      await go.promise;
      return ALLOW;
    });
    const whole = await world.activity(async () => {
      const message = await get('/');
      let ended = false;
      const reading = read(message).finally(() => (ended = true));
      release.resolve();
      await completed.promise;
      await new Promise((resolve) => setImmediate(resolve));
      expect(ended).toBe(false);
      go.resolve();
      return reading;
    });
    expect(whole).toBe('first second');
    expect(world.asked()[1]?.span).toMatchObject({ response_body: 'first second', response_headers: { 'set-cookie': '[REDACTED]' } });
  });

  test('a block at completed is an error instead of the end', async () => {
    const world = startHttp(at('http_request/completed', BLOCK));
    release.resolve();
    let seen: unknown;
    const call = world.activity(async () => {
      seen = await read(await get('/')).catch((error: unknown) => error);
    });
    await expect(call).rejects.toThrow(GovernanceBlockedError);
    expect(seen).toBeInstanceOf(GovernanceBlockedError);
    expect(world.steps()).toEqual(['http_request/started', 'http_request/completed']);
  });
});

test.each<[string, string, string | null, http.RequestOptions?]>([
  ['text', '/early', 'late'],
  ['nothing', '/empty', ''],
  ['in its charset', '/latin', 'ü'],
  ['binary', '/image', null],
  ['compressed', '/gzip', null],
  ['204', '/none', null],
  ['304', '/same', null],
  ['of HEAD', '/empty', null, { method: 'HEAD' }],
])('%s', async (_, path, shown, options) => {
  const world = startHttp();
  await world.activity(async () => text(await get(path, options)));
  expect(world.asked()[1]).toMatchObject({ step: 'http_request/completed', span: { response_body: shown } });
});

test('an answer without a body is withheld as a whole', async () => {
  const world = startHttp(at('http_request/completed', BLOCK));
  const call = world.activity(() => get('/none'));
  await expect(call).rejects.toThrow(GovernanceBlockedError);
  let seen: unknown = 'nothing';
  await expect(world.activity(async () => void (seen = await get('/none').catch(() => 'nothing')))).rejects.toThrow(GovernanceBlockedError);
  expect([seen, site.hits.length]).toEqual(['nothing', 2]);
});

test('informational answers and trailers come as ever', async () => {
  const world = startHttp();
  await world.activity(async () => {
    const request = http.get(`${site.url}/early`);
    const informed = once(request, 'information') as Promise<[{ statusCode: number }]>;
    const [message] = (await once(request, 'response')) as [IncomingMessage];
    const [{ statusCode }] = await informed;
    expect([statusCode, await text(message)]).toEqual([103, 'late']);
    const trailed = await get('/trailers');
    expect([await text(trailed), trailed.trailers]).toEqual(['body', { 'x-sum': '4' }]);
  });
});

test('a body cut short is told, and is the caller’s own error', async () => {
  const world = startHttp();
  const call = world.activity(async () => {
    const message = await get('/broken');
    await once(message, 'readable');
    release.resolve();
    return text(message);
  });
  await expect(call).rejects.toMatchObject({ code: 'ECONNRESET' });
  expect(world.asked()[1]?.span).toMatchObject({ http_status_code: 200, error: expect.stringMatching(/aborted/) });
});

describe('a body that nobody reads', () => {
  test('is reported when the activity ends, and its connection is closed', async () => {
    const world = startHttp();
    await world.activity(async () => void (await get('/')));
    await dropped.promise;
    expect(world.asked()).toMatchObject([{}, { span: { http_status_code: 200, response_body: null, error: null } }]);
  });

  test('as a whole in memory too, and also where nobody listens for errors', async () => {
    const world = startHttp();
    await world.activity(() => new Promise<void>((resolve) => void http.get(`${site.url}/early`, () => setImmediate(resolve))));
    expect(world.asked()).toMatchObject([{}, { span: { http_status_code: 200, response_body: null, error: null } }]);
  });

  test('nor listens for it: the runtime lets it pass, and it is reported then', async () => {
    const world = startHttp();
    await world.activity(() => new Promise<void>((resolve) => void http.get(`${site.url}/early`).on('close', resolve)));
    expect(world.asked()).toMatchObject([{}, { span: { http_status_code: 200, response_body: null } }]);
  });

  test('on: what was read of it is shown', async () => {
    const world = startHttp();
    await world.activity(async () => {
      const message = await get('/');
      await once(message, 'data');
      message.destroy();
      await new Promise((resolve) => message.on('close', resolve));
    });
    expect(world.asked()[1]?.span).toMatchObject({ response_body: 'first ', error: null });
  });
});

test('a blocked body is an error before all else, for whoever listens', async () => {
  const world = startHttp(at('http_request/completed', BLOCK));
  release.resolve();
  const events: unknown[] = [];
  const call = world.activity(async () => {
    const request = http.get(`${site.url}/`).on('error', (error) => events.push('request', error));
    const [message] = (await once(request, 'response')) as [IncomingMessage];
    for (const name of ['aborted', 'error', 'end']) message.on(name, (value: unknown) => events.push(name, value));
    await new Promise((resolve) => message.on('close', resolve).resume());
  });
  await expect(call).rejects.toThrow(GovernanceBlockedError);
  const block = expect.any(GovernanceBlockedError) as unknown;
  expect(events).toEqual(['request', block, 'error', block]);
});

test('a blocked body with no listener for errors ends nothing but its activity', async () => {
  const world = startHttp(at('http_request/completed', BLOCK));
  release.resolve();
  const call = world.activity(
    () =>
      new Promise<void>((resolve) => {
        http.get(`${site.url}/`, (message) => void message.on('close', resolve).resume());
      }),
  );
  await expect(call).rejects.toThrow(GovernanceBlockedError);
});
