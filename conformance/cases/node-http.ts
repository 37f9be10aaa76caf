import assert from 'node:assert/strict';
import type { Case, Http, Surface } from '../surface.ts';
import { assertShown, SHOWN } from './request-shown.ts';
import { spans, steps } from './steps.ts';

const HTTP = 'http_request';

type Request = ReturnType<Http['request']>;
type Message = Parameters<NonNullable<Parameters<Http['get']>[2]>>[0];

/** The answer to a request. */
function answerTo(request: Request): Promise<Message> {
  return new Promise((resolve, reject) => void request.on('response', resolve).on('error', reject));
}

/** The whole body of the answer. */
async function textOf(request: Request): Promise<string> {
  let text = '';
  for await (const chunk of (await answerTo(request)).setEncoding('utf8')) text += String(chunk);
  return text;
}

const blocked = (stage: string): Parameters<Surface['activity']>[1] => ({
  rules: [{ when: { stage, hook_type: HTTP }, answer: { verdict: 'block', reason: 'no' } }],
});

export const nodeHttpCases: readonly Case[] = [
  {
    id: 'node:http: a request is shown at both stages, credentials masked',
    proves: ['http.shown', 'hook.two-stages'],
    async run({ activity, http, site, core }) {
      const text = await activity(() => textOf(http.request(site.url + SHOWN.path, { method: 'POST', headers: SHOWN.headers }).end(SHOWN.body)));
      assert.equal(text, SHOWN.body);
      assertShown(await core.asked());
    },
  },
  {
    id: 'node:http: text, URL, options and the class are one and the same',
    proves: ['node-http.forms'],
    async run({ activity, http, site, core }) {
      const url = new URL(`${site.url}/hello`);
      const options = { host: url.hostname, port: url.port, path: url.pathname };
      const calls = [
        () => http.get(url.href),
        () => http.get(url),
        () => http.get(options),
        () => http.request(url, { agent: false }).end(),
        () => http.request({ ...options, agent: new http.Agent() }).end(),
        () => new http.ClientRequest(url.href).end(),
      ];
      await activity(async () => {
        for (const call of calls) assert.equal(await textOf(call()), 'hello');
      });
      const started = spans(await core.asked(), HTTP).filter(({ stage }) => stage === 'started');
      assert.deepEqual(
        started.map((span) => [span['http_method'], span['http_url']]),
        calls.map(() => ['GET', url.href]),
      );
    },
  },
  {
    id: 'node:http: a blocked request never reaches the site, and is an error event',
    proves: ['hook.blocked-before-effect'],
    async run({ activity, http, site }) {
      await assert.rejects(
        activity(() => textOf(http.get(`${site.url}/forbidden`)), blocked('started')),
        { code: 'OPENBOX_BLOCKED', reason: 'no', identifier: `${site.url}/forbidden` },
      );
      assert.deepEqual(await site.hits(), []);
    },
  },
  {
    id: 'node:http: a block that nobody listens for fails its activity and nothing else',
    proves: ['hook.swallowed-block'],
    async run({ activity, http, site }) {
      await assert.rejects(
        activity(() => new Promise<void>((resolve) => void http.get(`${site.url}/forbidden`).on('close', resolve)), blocked('started')),
        { code: 'OPENBOX_BLOCKED' },
      );
      assert.deepEqual(await site.hits(), []);
    },
  },
  {
    id: 'node:http: a block at completed withholds the end of the body',
    proves: ['hook.result-withheld'],
    async run({ activity, http, site }) {
      let seen: unknown = 'nothing';
      await assert.rejects(
        activity(async () => {
          seen = await textOf(http.get(`${site.url}/hello`));
        }, blocked('completed')),
        { code: 'OPENBOX_BLOCKED' },
      );
      assert.equal(seen, 'nothing');
      assert.deepEqual(await site.hits(), ['GET /hello']);
    },
  },
  {
    id: 'node:http: the question waits for the whole body, and its bytes are sent as they were',
    proves: ['node-http.asked', 'hook.read-once'],
    async run({ activity, http, site, core }) {
      await activity(async () => {
        const bytes = new TextEncoder().encode('shown ');
        const request = http.request(`${site.url}/echo`, { method: 'POST' });
        request.write(bytes);
        bytes.fill(88);
        await new Promise((resolve) => setTimeout(resolve, 20));
        assert.ok(!steps(await core.asked()).includes('http_request/started'));
        await textOf(request.end('whole'));
      });
      assert.equal(await site.lastBody(), 'shown whole');
      const [started] = spans(await core.asked(), HTTP);
      assert.equal(started?.['request_body'], 'shown whole');
    },
  },
  {
    id: 'node:http: whoever waits for drain gets on, before the question and after it',
    proves: ['node-http.asked'],
    async run({ activity, http, site, core }) {
      const [chunk, count] = ['x'.repeat(50_000), 20];
      await activity(
        async () => {
          const request = http.request(`${site.url}/echo`, { method: 'POST', headers: { 'content-type': 'text/plain' } });
          const text = textOf(request);
          for (let n = 0; n < count; n++) {
            if (!request.write(chunk)) await new Promise((resolve) => request.once('drain', resolve));
          }
          request.end();
          assert.equal((await text).length, chunk.length * count);
        },
        { options: { maxBodySize: 60_000 } },
      );
      const [started, ...more] = spans(await core.asked(), HTTP);
      assert.equal(String(started?.['request_body']).length, 60_000);
      assert.equal(more.length, 1);
    },
  },
  {
    id: 'node:http: a reader sees chunks as they arrive, and completed comes at the end',
    proves: ['http.streams', 'node-http.asked'],
    async run({ activity, http, site, core }) {
      await activity(async () => {
        const request = http.request(`${site.url}/slow-stream`, { method: 'POST' });
        request.end();
        let text = '';
        for await (const chunk of (await answerTo(request)).setEncoding('utf8')) {
          text += String(chunk);
          if (text !== 'first') continue;
          assert.ok(!steps(await core.asked()).includes('http_request/completed'));
          await site.releaseStream();
        }
        assert.equal(text, 'firstsecond');
      });
      const [, completed] = spans(await core.asked(), HTTP);
      assert.equal(completed?.['response_body'], 'firstsecond');
    },
  },
  {
    id: 'node:http: the second request on a connection kept alive is asked about too',
    proves: ['node-http.kept-alive', 'hook.blocked-before-effect'],
    async run({ activity, http, site }) {
      const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
      const rules = [{ when: { stage: 'started', url_ends: '/forbidden' }, answer: { verdict: 'block' } }] as const;
      await assert.rejects(
        activity(
          async () => {
            assert.equal(await textOf(http.get(`${site.url}/hello`, { agent })), 'hello');
            await textOf(http.get(`${site.url}/forbidden`, { agent }));
          },
          { rules },
        ),
        { code: 'OPENBOX_BLOCKED' },
      );
      agent.destroy();
      assert.deepEqual(await site.hits(), ['GET /hello']);
    },
  },
  {
    id: 'node:http: an upgrade is told once it is open, and blocked before',
    proves: ['node-http.tunnel', 'hook.blocked-before-effect'],
    async run({ activity, http, site, core }) {
      const open = (): Promise<string> =>
        new Promise((resolve, reject) => {
          const request = http.get(`${site.url}/socket`, { headers: { connection: 'upgrade', upgrade: 'echo' } });
          request.on('error', reject).on('upgrade', (_, socket) => {
            socket.setEncoding('utf8').on('data', (text: string) => (socket.destroy(), resolve(text))).write('ping');
          });
        });
      assert.equal(await activity(open), 'ping');
      const [started, completed] = spans(await core.asked(), HTTP);
      assert.deepEqual([started?.['http_method'], completed?.['http_status_code'], completed?.['response_body']], ['GET', 101, null]);
      await assert.rejects(activity(open, blocked('started')), { code: 'OPENBOX_BLOCKED' });
      assert.deepEqual(await site.hits(), ['GET /socket']);
    },
  },
  {
    id: 'node:http: a request destroyed while it is asked about sends nothing',
    proves: ['node-http.given-up'],
    async run({ activity, http, site }) {
      const rules = [{ when: { stage: 'started' }, answer: { verdict: 'allow', delay_ms: 50 } }] as const;
      const error = new RangeError('mine');
      await activity(
        async () => {
          const request = http.get(`${site.url}/hello`);
          const answered = answerTo(request);
          request.destroy(error);
          await assert.rejects(answered, error);
        },
        { rules },
      );
      assert.deepEqual(await site.hits(), []);
    },
  },
  {
    id: 'node:http: a status of 400 or more and a failed connection are told as errors',
    proves: ['http.errors'],
    async run({ activity, http, site, core }) {
      assert.equal(await activity(() => textOf(http.get(`${site.url}/missing`))), 'no such page');
      await assert.rejects(activity(() => textOf(http.get('http://127.0.0.1:1/'))), { code: 'ECONNREFUSED' });
      const errors = spans(await core.asked(), HTTP).flatMap(({ stage, error }) => (stage === 'completed' ? [error] : []));
      assert.equal(errors[0], 'HTTP 404');
      assert.match(String(errors[1]), /ECONNREFUSED/);
    },
  },
  {
    id: 'node:http: a body that nobody reads is reported when the activity ends',
    proves: ['http.unread-body'],
    async run({ activity, http, site, core }) {
      await activity(async () => (await answerTo(http.get(`${site.url}/hello`))).statusCode);
      const [, completed] = spans(await core.asked(), HTTP);
      assert.equal(completed?.['http_status_code'], 200);
      assert.equal(completed?.['response_body'], null);
      assert.deepEqual(steps(await core.asked()).slice(-3), ['http_request/completed', 'ActivityCompleted', 'WorkflowCompleted']);
    },
  },
  {
    id: 'node:http: requests in parallel are asked in parallel',
    proves: ['hook.parallel'],
    async run({ activity, http, site, core }) {
      const asked = async (): Promise<string[]> => steps(await core.asked()).filter((step) => step.startsWith(HTTP));
      await activity(async () => {
        const all = Promise.all([1, 2, 3].map((n) => textOf(http.get(`${site.url}/slow-stream?n=${n}`))));
        // None of them can end before all have begun.
        while ((await asked()).length < 3);
        await site.releaseStream();
        await all;
      });
      assert.equal((await asked()).length, 6);
    },
  },
  {
    id: 'node:http: activities that share connections never see each other, and nobody outside is asked',
    proves: ['context.isolated', 'outside.untouched'],
    async run({ start, http, site, core }) {
      await using openbox = await start();
      const agent = new http.Agent({ keepAlive: true, maxSockets: 2 });
      await openbox.runWorkflow({ workflowType: 'Crowd' }, [], async ({ activity }) => {
        const one = (n: number): Promise<void> =>
          activity(`crowd-${n}`, [], async () => {
            for (let round = 0; round < 3; round++) await textOf(http.get(`${site.url}/hello?n=${n}`, { agent }));
          });
        await Promise.all(Array.from({ length: 8 }, (_, n) => one(n)));
      });
      assert.equal(await textOf(http.get(`${site.url}/hello?n=outside`, { agent })), 'hello');
      agent.destroy();
      const hooks = (await core.asked()).filter(({ span }) => span !== undefined);
      assert.equal(hooks.length, 8 * 3 * 2);
      for (const { event, span } of hooks) {
        assert.equal(event['activity_type'], `crowd-${new URL(String(span?.['http_url'])).searchParams.get('n')}`);
      }
    },
  },
];
