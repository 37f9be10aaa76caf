import type { Activities, Place } from './activities.ts';
import { byFetch, type HttpCall, type Send } from './http-calls.ts';

const JSON_TYPE = { 'content-type': 'application/json' };
const ZOE = { method: 'POST', headers: JSON_TYPE, body: JSON.stringify({ name: 'Zoë', n: 1 }) } satisfies HttpCall;
/** With the spaces and the escape that the recorded client writes. */
const SPACED_ZOE = { ...ZOE, body: String.raw`{"name": "Zo\u00eb", "n": 1}` } satisfies HttpCall;
const A = { method: 'POST', headers: JSON_TYPE, body: '{"a": 1}' } satisfies HttpCall;

type Request = readonly [path: string, call?: HttpCall];

/** The recorded calls, by activity; each is read to its end, and the activity returns their statuses. */
const CALLS: Readonly<Record<string, readonly Request[]>> = {
  http_httpx_sync: [
    ['/hello?q=a+b', { headers: { authorization: 'Bearer user-secret', cookie: 'sid=abc', 'x-api-key': 'k-1', 'x-trace': 't' } }],
    ['/echo', ZOE],
    ['/missing'],
    ['/image'],
    ['/cookie'],
    ['/empty'],
  ],
  http_httpx_async: [
    ['/json'],
    ['/echo', ZOE],
    ['/echo', { method: 'POST', headers: { 'content-type': 'application/octet-stream' }, body: new Uint8Array([0, 255, 1]) }],
    ['/missing'],
    ['/problem'],
    ['/redirect'],
  ],
  http_requests: [['/hello', { headers: { authorization: 'Bearer user-secret' } }], ['/echo', SPACED_ZOE], ['/missing'], ['/image']],
  http_urllib3: [['/json'], ['/echo', A]],
};

/** HTTP by one client, whatever was recorded: the global `fetch` if no other is named. */
export function httpActivities({ url }: Place, send: Send = byFetch): Activities {
  const read = ([path, call]: Request): ReturnType<Send> => send(url + path, call);
  const statuses = async (requests: readonly Request[]): Promise<number[]> => {
    const all: number[] = [];
    for (const request of requests) all.push((await read(request)).status);
    return all;
  };
  /** The status, or what went wrong, as text. */
  const swallow = (path: string): Promise<string> =>
    read([path]).then(({ status }) => `${path} ${status}`, (error: Error) => `${path} ${error.name}: ${error.message}`);

  return {
    ...Object.fromEntries(Object.entries(CALLS).map(([name, requests]) => [name, () => statuses(requests)])),
    http_get: async (path: string) => (await read([path])).status,
    http_two: (first: string, second: string) =>
      statuses([[first], [second, { method: 'POST', headers: JSON_TYPE, body: '{"second":true}' }]]),
    http_swallow: async (first: string, second: string) => `swallowed: ${await swallow(first)}; ${await swallow(second)}`,
    http_swallow_first: async (first: string, second: string) => {
      const swallowed = await swallow(first);
      return [swallowed, (await read([second])).status];
    },
    http_urllib: async () => {
      const { status, text } = await read(['/json']);
      return [[status, text], ...(await statuses([['/echo', A]]))];
    },
    http_sse: async () => {
      const { text } = await read(['/sse']);
      return text.trim().split('\n\n');
    },
    http_refused: () => send('http://127.0.0.1:9/x').then(({ status }) => status, (error: Error) => error.name),
    http_big: async () => (await read(['/big'])).text.length,
  };
}
