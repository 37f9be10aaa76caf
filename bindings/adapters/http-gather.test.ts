import { once } from 'node:events';
import http, { type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { pipeline } from 'node:stream/promises';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { ApprovalPendingError, GovernanceBlockedError, systemClock } from '../../core/index.ts';
import { manualClock } from '../../core/ports/clock.ts';
import { ALLOW, at, deferred, type Site, startHttp, startSite } from './test-support.ts';

const MAX = 1000;

let site: Site;
beforeAll(async () => {
  site = await startSite(({ body }, response) => response.end(String(body.length)));
});
afterAll(() => site.close());
afterEach(() => void (site.hits.length = 0));

const post = (headers: Record<string, string> = { 'content-type': 'text/plain' }): http.ClientRequest =>
  http.request(site.url, { method: 'POST', headers });

async function answer(request: http.ClientRequest): Promise<string> {
  const [message] = (await once(request, 'response')) as [IncomingMessage];
  return text(message);
}

describe('the question goes out', () => {
  test('at the end, with everything written by then', async () => {
    const world = startHttp();
    await world.activity(async () => {
      const request = post();
      request.write('one ');
      request.write(Buffer.from('two '));
      await new Promise((resolve) => setImmediate(resolve));
      expect(world.asked()).toEqual([]);
      request.end('three');
      expect(await answer(request)).toBe('13');
    });
    expect(world.asked()[0]?.span).toMatchObject({ request_body: 'one two three', request_headers: { 'transfer-encoding': 'chunked' } });
    expect(site.hits).toMatchObject([{ body: 'one two three' }]);
  });

  test('at the limit, with as much as Core is shown', async () => {
    const asked = deferred();
    const world = startHttp(({ step }) => (step === 'http_request/started' ? (asked.resolve(), ALLOW) : undefined), { maxBodySize: MAX });
    await world.activity(async () => {
      const request = post();
      expect(request.write('a'.repeat(MAX - 1))).toBe(true);
      request.write('b'.repeat(10));
      await asked.promise;
      request.end('c');
      expect(await answer(request)).toBe(String(MAX + 10));
    });
    expect(world.asked()[0]?.span['request_body']).toBe(`${'a'.repeat(MAX - 1)}b`);
    expect(world.asked()).toHaveLength(2);
  });

  test('when headers are flushed: whoever waits for the answer before writing gets it', async () => {
    const server = http.createServer((request, response) => {
      response.write('go on ');
      request.resume().on('end', () => response.end('done'));
    });
    await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
    const { port } = server.address() as { port: number };
    const world = startHttp();
    await world.activity(async () => {
      const request = http.request({ host: '127.0.0.1', port, method: 'POST' });
      request.flushHeaders();
      const [message] = (await once(request, 'response')) as [IncomingMessage];
      request.end('late');
      expect(await text(message)).toBe('go on done');
    });
    server.close();
    expect(world.asked()).toMatchObject([{ span: { http_method: 'POST', request_body: null } }, { span: { response_body: 'go on done' } }]);
  });

  test('with Expect: 100-continue, before the body', async () => {
    const world = startHttp();
    await world.activity(async () => {
      const request = post({ Expect: '100-continue' });
      await once(request, 'continue');
      request.end('body');
      expect(await answer(request)).toBe('4');
    });
    expect(world.asked()[0]?.span).toMatchObject({ request_headers: { expect: '100-continue' }, request_body: null });
  });

  test('after a while, where the caller waits for something before the end', async () => {
    const manual = manualClock();
    const world = startHttp(undefined, {}, { clock: { ...systemClock, after: manual.after } });
    await world.activity(async () => {
      const writer = post();
      writer.write('some');
      const waiter = post();
      const assigned = once(waiter, 'socket');
      manual.advance(10_000);
      await assigned;
      waiter.end('x');
      expect(await answer(waiter)).toBe('1');
      writer.end();
      expect(await answer(writer)).toBe('4');
    });
    const bodies = world.asked().flatMap(({ step, span }) => (step === 'http_request/started' ? [span['request_body']] : []));
    expect(bodies).toEqual(['some', null]);
  });

  test('never for a request that its caller gives up, or never ends', async () => {
    const before = site.connections();
    const world = startHttp();
    await world.activity(async () => {
      const request = post().on('error', () => {});
      const closed = new Promise((resolve) => request.on('close', resolve));
      request.write('some');
      request.destroy();
      await closed;
      post();
    });
    expect([world.asked(), site.connections() - before]).toEqual([[], 0]);
  });
});

describe('bodies', () => {
  test.each([1, 10_000, 300_000])('piped, %d bytes at a time', async (size) => {
    const chunks = Array.from({ length: 5 }, (_, n) => Buffer.alloc(size, 97 + n));
    const world = startHttp();
    const length = await world.activity(async () => {
      const request = post();
      const answered = answer(request);
      await pipeline(Readable.from(chunks), request);
      return answered;
    });
    expect(length).toBe(String(5 * size));
    expect(world.steps()).toEqual(['http_request/started', 'http_request/completed']);
  });

  test('of a writer who waits for drain', async () => {
    const world = startHttp();
    const length = await world.activity(async () => {
      const request = post();
      const answered = answer(request);
      for (let n = 0; n < 30; n++) {
        if (!request.write(Buffer.alloc(30_000))) await once(request, 'drain');
        // A pipe that starts now looks here.
        expect(request.writableNeedDrain).toBe(false);
      }
      request.end();
      return answered;
    });
    expect(length).toBe('900000');
  });

  test('are sent as they were shown, whatever becomes of their bytes', async () => {
    const world = startHttp();
    await world.activity(async () => {
      const bytes = Buffer.from('shown');
      const request = post();
      request.write(bytes);
      bytes.fill('x');
      request.end(bytes);
      bytes.fill('y');
      await answer(request);
    });
    expect(world.asked()[0]?.span['request_body']).toBe('shownxxxxx');
    expect(site.hits).toMatchObject([{ body: 'shownxxxxx' }]);
  });

  test.each<[string, Record<string, string>, string | null]>([
    ['text', { 'content-type': 'text/plain' }, 'body'],
    ['without a type', {}, 'body'],
    ['binary', { 'content-type': 'image/png' }, null],
    ['compressed', { 'content-type': 'text/plain', 'content-encoding': 'gzip' }, null],
  ])('%s', async (_, headers, shown) => {
    const world = startHttp();
    await world.activity(() => answer(post(headers).end('body')));
    expect(world.asked()[0]?.span['request_body']).toBe(shown);
  });
});

describe('while Core is asked', () => {
  /** Core answers when told to. */
  function slow(): { asked: Promise<void>; go(): void; world: ReturnType<typeof startHttp> } {
    const [asked, go] = [deferred(), deferred()];
    const world = startHttp(async ({ step }) => {
      if (step !== 'http_request/started') return ALLOW;
      asked.resolve();
      await go.promise;
      return ALLOW;
    });
    return { asked: asked.promise, go: go.resolve, world };
  }

  test.each<[string, (request: http.ClientRequest, controller: AbortController) => void, Record<string, unknown>]>([
    ['destroy(error)', (request) => request.destroy(new RangeError('mine')), { message: 'mine' }],
    ['destroy()', (request) => request.destroy(), { code: 'ECONNRESET' }],
    ['a signal', (_, controller) => controller.abort(), { name: 'AbortError' }],
  ])('%s ends the request at once, and nothing is sent', async (_, abort, error) => {
    const before = site.connections();
    const { asked, go, world } = slow();
    await world.activity(async () => {
      const controller = new AbortController();
      const request = http.get(site.url, { signal: controller.signal });
      const failed = once(request, 'response');
      await asked;
      const closed = new Promise((resolve) => request.on('close', resolve));
      abort(request, controller);
      await expect(failed).rejects.toMatchObject(error);
      await closed;
      go();
      await expect.poll(() => world.asked().length).toBe(2);
    });
    expect([site.connections() - before, world.steps()]).toEqual([0, ['http_request/started', 'http_request/completed']]);
    expect(world.asked()[1]?.span['error']).toMatch('destroyed');
  });

  test('its activity may end: the request goes on, told by nobody', async () => {
    const { asked, go, world } = slow();
    let answered!: Promise<unknown>;
    await world.activity(async () => {
      answered = once(http.request(site.url, { method: 'HEAD' }).end(), 'response');
      await asked;
    });
    go();
    const [message] = (await answered) as [IncomingMessage];
    expect(message.statusCode).toBe(200);
    expect(world.steps()).toEqual(['http_request/started']);
  });

  test('a timeout counts from the connection on', async () => {
    const { asked, go, world } = slow();
    await world.activity(async () => {
      const request = http.get(site.url, { timeout: 20 });
      let timedOut = false;
      request.on('timeout', () => (timedOut = true)).setTimeout(20);
      await asked;
      await new Promise((resolve) => setTimeout(resolve, 60));
      expect(timedOut).toBe(false);
      go();
      expect(await answer(request)).toBe('0');
    });
  });

  test('what is set for the socket is kept for it', async () => {
    const { asked, go, world } = slow();
    await world.activity(async () => {
      const request = post();
      request.setNoDelay(true);
      request.setSocketKeepAlive(true, 1000);
      request.end('x');
      await asked;
      expect([request.socket, request.reusedSocket]).toEqual([null, false]);
      go();
      await once(request, 'socket');
      expect(await answer(request)).toBe('1');
    });
  });

  test('a signal that has aborted before sends nothing and asks nothing', async () => {
    const before = site.connections();
    const world = startHttp();
    await world.activity(async () => {
      const request = http.get(site.url, { signal: AbortSignal.abort() });
      await expect(once(request, 'response')).rejects.toMatchObject({ name: 'AbortError' });
    });
    expect([site.connections() - before, world.asked()]).toEqual([0, []]);
  });
});

test('a stop that comes while the body is gathered is a stop', async () => {
  const world = startHttp(({ span, step }) =>
    step === 'http_request/started' && String(span['http_url']).endsWith('/no') ? { json: { verdict: 'block' } } : undefined,
  );
  const call = world.activity(async () => {
    const request = post();
    request.write('some');
    await expect(answer(http.get(`${site.url}/no`))).rejects.toThrow(GovernanceBlockedError);
    await expect(answer(request.end())).rejects.toThrow(GovernanceBlockedError);
  });
  await expect(call).rejects.toThrow(GovernanceBlockedError);
  expect(site.hits).toEqual([]);
});

test.each<[string, readonly [string, string, string]]>([
  ['the whole body', ['one', 'one', 'two']],
  ['a form without its boundary', ['--one', '--two', '--two!']],
])('an approval is about %s', async (_, bodies) => {
  const steps: string[] = [];
  const grants = { add: () => {}, take: (step: string) => steps.push(step) < 0, any: true, unmet: () => [], all: () => [], round: 1 };
  const world = startHttp(at('http_request/started', { json: { verdict: 'require_approval', approval_id: 'a' } }), { maxBodySize: 3 });
  for (const body of bodies) {
    const type = body.startsWith('--') ? `multipart/form-data; boundary=${body.slice(2, 5)}` : 'text/plain';
    const call = world.activity(() => answer(post({ 'content-type': type }).end(body)), { approval: 'elsewhere', grants });
    await expect(call).rejects.toThrow(ApprovalPendingError);
  }
  // Each run asks about its start, and then about the request.
  const [, one, , same, , other] = steps;
  expect([one === same, one === other]).toEqual([true, false]);
  expect(site.hits).toEqual([]);
});
