import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { GovernanceBlockedError } from '../../core/index.ts';
import { ALLOW, at, BLOCK, deferred, type Site, startFetch, startSite, type World } from './test-support.ts';

let site: Site;
/** Answers to `/slow`, whose bodies the tests write. */
let slow: ServerResponse[] = [];
let closed = 0;

beforeAll(async () => {
  site = await startSite(({ url }, response) => {
    response.setHeader('content-type', url === '/json' ? 'application/json' : 'text/event-stream');
    response.setHeader('set-cookie', ['a=1', 'b=2']);
    response.on('close', () => void closed++);
    if (url === '/json') response.end('{"a":[1,2]}');
    else if (url === '/hello') response.end('hello');
    else {
      slow.push(response);
      response.write('first');
    }
  });
});
afterAll(() => site.close());
afterEach(() => void (slow = []));

const hello = (): Promise<Response> => fetch(`${site.url}/hello`);
const text = (chunk: Uint8Array | undefined): string => new TextDecoder().decode(chunk);
const completed = (world: World): unknown => world.asked().find(({ step }) => step === 'http_request/completed')?.span['response_body'];

describe('reading', () => {
  test('chunks arrive before the end, and only the end waits for Core (fault: stream-held-back)', async () => {
    const answer = deferred<typeof ALLOW>();
    const world = startFetch(({ step }) => (step === 'http_request/completed' ? answer.promise : undefined));
    await world.activity(async () => {
      const reader = (await fetch(`${site.url}/slow`)).body?.getReader() as ReadableStreamDefaultReader<Uint8Array>;
      expect(text((await reader.read()).value)).toBe('first');
      expect(world.steps()).toEqual(['http_request/started']);
      slow[0]?.write('second');
      expect(text((await reader.read()).value)).toBe('second');
      slow[0]?.end();
      let done = false;
      const end = reader.read().then((last) => (done = last.done));
      await expect.poll(() => world.steps()).toEqual(['http_request/started', 'http_request/completed']);
      expect(done).toBe(false);
      answer.resolve(ALLOW);
      expect(await end).toBe(true);
    });
    expect(completed(world)).toBe('firstsecond');
  });

  test.each<[string, (response: Response) => Promise<unknown>, unknown]>([
    ['text', (response) => response.text(), 'hello'],
    ['arrayBuffer', async (response) => text(new Uint8Array(await response.arrayBuffer())), 'hello'],
    ['blob', async (response) => (await response.blob()).text(), 'hello'],
    ['for await', async ({ body }) => { let all = ''; for await (const chunk of body ?? []) all += text(chunk); return all; }, 'hello'],
    ['pipeThrough', async ({ body }) => new Response(body?.pipeThrough(new TransformStream())).text(), 'hello'],
    ['clone', async (response) => Promise.all([response.clone().text(), response.text()]), ['hello', 'hello']],
    ['tee', async ({ body }) => Promise.all((body?.tee() ?? []).map((branch) => new Response(branch).text())), ['hello', 'hello']],
    [
      'a reader with its own buffer',
      async ({ body }) => {
        const reader = body?.getReader({ mode: 'byob' }) as ReadableStreamBYOBReader;
        const { value } = await reader.read(new Uint8Array(2));
        const rest = await reader.read(new Uint8Array(10));
        const end = await reader.read(new Uint8Array(1));
        return [text(value), text(rest.value), end.done];
      },
      ['he', 'llo', true],
    ],
  ])('%s', async (_, read, wanted) => {
    const world = startFetch();
    await world.activity(async () => {
      const response = await hello();
      expect(response.bodyUsed).toBe(false);
      expect(await read(response)).toEqual(wanted);
      expect(response.bodyUsed).toBe(true);
    });
    expect(completed(world)).toBe('hello');
  });

  test('json', async () => {
    const world = startFetch();
    expect(await world.activity(async () => (await fetch(`${site.url}/json`)).json())).toEqual({ a: [1, 2] });
    expect(completed(world)).toBe('{"a":[1,2]}');
  });

  test('what is shown is cut, what is read is not (fault: body-without-limit)', async () => {
    const world = startFetch(undefined, { maxBodySize: 3 });
    expect(await world.activity(async () => (await hello()).text())).toBe('hello');
    expect(completed(world)).toBe('hel');
  });

  test('a block at completed fails every way of reading', async () => {
    const ways: ((response: Response) => Promise<unknown>)[] = [(r) => r.text(), (r) => r.arrayBuffer(), (r) => r.blob(), (r) => r.clone().text()];
    for (const way of ways) {
      const world = startFetch(at('http_request/completed', BLOCK));
      const reading = deferred<unknown>();
      const run = world.activity(async () => reading.resolve(await way(await hello()).catch((error: unknown) => error)));
      await expect(run).rejects.toThrow(GovernanceBlockedError);
      expect(await reading.promise).toBeInstanceOf(GovernanceBlockedError);
      world.release();
    }
  });
});

describe('what else a response says', () => {
  test('stays, for clones too', async () => {
    const world = startFetch();
    const bare = await hello();
    await world.activity(async () => {
      const response = await hello();
      for (const one of [response, response.clone()]) {
        expect(one).toBeInstanceOf(Response);
        for (const name of ['url', 'redirected', 'type', 'status', 'statusText', 'ok'] as const) expect(one[name]).toBe(bare[name]);
        expect(one.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
        expect(one.headers.get('content-type')).toBe('text/event-stream');
        expect(await one.text()).toBe('hello');
      }
    });
    await bare.text();
  });
});

describe('not read to the end', () => {
  test('cancelled by the reader: the connection ends, and completed is told', async () => {
    const world = startFetch();
    const before = closed;
    await world.activity(async () => {
      const { body } = await fetch(`${site.url}/slow`);
      for await (const chunk of body ?? []) {
        expect(text(chunk)).toBe('first');
        break;
      }
      expect(world.steps()).toEqual(['http_request/started', 'http_request/completed']);
    });
    await expect.poll(() => closed).toBe(before + 1);
    expect(completed(world)).toBe('first');
  });

  test('cancelled under a block: cancel itself does not fail, the activity does', async () => {
    const world = startFetch(at('http_request/completed', BLOCK));
    const run = world.activity(async () => {
      await (await hello()).body?.cancel();
    });
    await expect(run).rejects.toThrow(GovernanceBlockedError);
  });

  test('never read: reported when the activity ends, as no body', async () => {
    const world = startFetch();
    const before = closed;
    const response = await world.activity(() => fetch(`${site.url}/slow`));
    expect(world.asked()[1]).toMatchObject({ step: 'http_request/completed', span: { http_status_code: 200, response_body: null, error: null } });
    await expect.poll(() => closed).toBe(before + 1);
    await expect(response.text()).rejects.toThrow('The activity ended before this response body was read to its end');
  });

  test('being read when the activity ends: an error, never half a text', async () => {
    const world = startFetch();
    let reading: Promise<unknown> | undefined;
    await world.activity(async () => {
      const response = await fetch(`${site.url}/slow`);
      reading = response.text().catch((error: unknown) => (error as Error).message);
      await expect.poll(() => slow.length).toBe(1);
    });
    expect(await reading).toMatch('The activity ended');
    expect(world.steps()).toEqual(['http_request/started', 'http_request/completed']);
  });

  test('a connection that breaks: the reader gets the runtime’s error, Core hears of it', async () => {
    const world = startFetch();
    await world.activity(async () => {
      const response = await fetch(`${site.url}/slow`);
      const reading = response.text();
      slow[0]?.destroy();
      await expect(reading).rejects.toMatchObject({ name: 'TypeError', message: 'terminated' });
    });
    expect(world.asked()[1]).toMatchObject({ step: 'http_request/completed', span: { http_status_code: 200, error: 'terminated' } });
  });

  test('aborted by the caller: an AbortError', async () => {
    const world = startFetch();
    const abort = new AbortController();
    await world.activity(async () => {
      const response = await fetch(`${site.url}/slow`, { signal: abort.signal });
      const reading = response.text();
      abort.abort();
      await expect(reading).rejects.toMatchObject({ name: 'AbortError' });
    });
    expect(world.steps()).toEqual(['http_request/started', 'http_request/completed']);
  });
});
