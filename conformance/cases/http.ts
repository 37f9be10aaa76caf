import assert from 'node:assert/strict';
import type { Case } from '../surface.ts';
import { assertShown, SHOWN } from './request-shown.ts';
import { spans, steps } from './steps.ts';

const HTTP = 'http_request';

const STAGES = ['http_request/started', 'http_request/completed'];

export const httpCases: readonly Case[] = [
  {
    id: 'a request is shown at both stages, credentials masked',
    proves: ['http.shown', 'hook.two-stages'],
    async run({ activity, fetch, site, core }) {
      const text = await activity(async () => {
        const response = await fetch(site.url + SHOWN.path, { method: 'POST', headers: SHOWN.headers, body: SHOWN.body });
        return response.text();
      });
      assert.equal(text, SHOWN.body);
      assertShown(await core.asked());
    },
  },
  {
    id: 'string, URL and Request are one and the same',
    proves: ['http.input-forms'],
    async run({ activity, fetch, site, core }) {
      const url = `${site.url}/hello`;
      const inputs = [url, new URL(url), new Request(url), { toString: () => url } as unknown as string];
      await activity(async () => {
        for (const input of inputs) assert.equal(await (await fetch(input)).text(), 'hello');
      });
      const started = spans(await core.asked(), HTTP).filter(({ stage }) => stage === 'started');
      assert.deepEqual(
        started.map((span) => [span['http_method'], span['http_url']]),
        inputs.map(() => ['GET', url]),
      );
    },
  },
  {
    id: 'a blocked request never reaches the site',
    proves: ['hook.blocked-before-effect'],
    async run({ activity, fetch, site }) {
      const rules = [{ when: { stage: 'started', url_ends: '/forbidden' }, answer: { verdict: 'block', reason: 'no' } }] as const;
      await assert.rejects(
        activity(async () => (await fetch(`${site.url}/forbidden`)).text(), { rules }),
        { code: 'OPENBOX_BLOCKED', reason: 'no', identifier: `${site.url}/forbidden` },
      );
      assert.deepEqual(await site.hits(), []);
    },
  },
  {
    id: 'a swallowed block still fails the activity, and nothing after it is asked or runs',
    proves: ['hook.swallowed-block', 'hook.aborted-unasked'],
    async run({ activity, fetch, site, core }) {
      const rules = [{ when: { stage: 'started', url_ends: '/forbidden' }, answer: { verdict: 'block' } }] as const;
      await assert.rejects(
        activity(
          async () => {
            await fetch(`${site.url}/forbidden`).catch(() => undefined);
            await fetch(`${site.url}/hello`).catch(() => undefined);
            return 'fine';
          },
          { rules },
        ),
        { code: 'OPENBOX_BLOCKED' },
      );
      assert.deepEqual(await site.hits(), []);
      assert.deepEqual(steps(await core.asked()).slice(1, 4), ['ActivityStarted', 'http_request/started', 'ActivityCompleted']);
    },
  },
  {
    id: 'a block at completed withholds the response',
    proves: ['hook.result-withheld'],
    async run({ activity, fetch, site }) {
      const rules = [{ when: { stage: 'completed', hook_type: HTTP }, answer: { verdict: 'block' } }] as const;
      let seen: unknown = 'nothing';
      await assert.rejects(
        activity(
          async () => {
            seen = await (await fetch(`${site.url}/hello`)).text();
          },
          { rules },
        ),
        { code: 'OPENBOX_BLOCKED' },
      );
      assert.equal(seen, 'nothing');
      assert.deepEqual(await site.hits(), ['GET /hello']);
    },
  },
  {
    id: 'bytes changed during the wait are not what is sent',
    proves: ['hook.read-once'],
    async run({ activity, fetch, site, core }) {
      const body = new TextEncoder().encode('shown');
      const rules = [{ when: { stage: 'started' }, answer: { verdict: 'allow', delay_ms: 50 } }] as const;
      await activity(
        async () => {
          const sent = fetch(`${site.url}/echo`, { method: 'POST', body });
          body.fill(88);
          await (await sent).text();
        },
        { rules },
      );
      assert.equal(await site.lastBody(), 'shown');
      const [started] = spans(await core.asked(), HTTP);
      assert.equal(started?.['request_body'], 'shown');
    },
  },
  {
    id: 'a reader sees chunks as they arrive, and completed comes at the end',
    proves: ['http.streams'],
    async run({ activity, fetch, site, core }) {
      const decoder = new TextDecoder();
      await activity(async () => {
        const response = await fetch(`${site.url}/slow-stream`);
        assert.ok(response.body);
        const reader = response.body.getReader();
        const first = await reader.read();
        assert.equal(decoder.decode(first.value), 'first');
        assert.ok(!steps(await core.asked()).includes('http_request/completed'));
        await site.releaseStream();
        const second = await reader.read();
        assert.equal(decoder.decode(second.value), 'second');
        assert.equal((await reader.read()).done, true);
      });
      const [, completed] = spans(await core.asked(), HTTP);
      assert.equal(completed?.['response_body'], 'firstsecond');
    },
  },
  {
    id: 'each redirect hop is asked about',
    proves: ['http.redirect-hops'],
    async run({ activity, fetch, site, core }) {
      await activity(async () => {
        const response = await fetch(`${site.url}/redirect`);
        assert.equal(response.redirected, true);
        assert.equal(response.url, `${site.url}/hello`);
        assert.equal(await response.text(), 'hello');
      });
      const shown = spans(await core.asked(), HTTP).map(({ stage, http_url: url }) => `${String(stage)} ${new URL(String(url)).pathname}`);
      assert.deepEqual(shown, ['started /redirect', 'completed /redirect', 'started /hello', 'completed /hello']);
    },
  },
  {
    id: 'a blocked redirect target never sees a request',
    proves: ['http.redirect-hops', 'hook.blocked-before-effect'],
    async run({ activity, fetch, site }) {
      const rules = [{ when: { stage: 'started', url_ends: '/hello' }, answer: { verdict: 'block' } }] as const;
      await assert.rejects(
        activity(async () => fetch(`${site.url}/redirect`), { rules }),
        { code: 'OPENBOX_BLOCKED' },
      );
      assert.deepEqual(await site.hits(), ['GET /redirect']);
    },
  },
  {
    id: 'a status of 400 or more is told as an error, and the response is the caller’s',
    proves: ['http.errors'],
    async run({ activity, fetch, site, core }) {
      assert.equal(await activity(async () => (await fetch(`${site.url}/missing`)).status), 404);
      const [, completed] = spans(await core.asked(), HTTP);
      assert.equal(completed?.['error'], 'HTTP 404');
      assert.deepEqual(completed?.['status'], { code: 'ERROR', description: 'HTTP 404' });
    },
  },
  {
    id: 'a failed connection is told, and surfaces as the caller’s own error',
    proves: ['http.errors'],
    async run({ activity, fetch, core }) {
      const own = (error: Error): boolean => !('code' in error) || !String(error.code).startsWith('OPENBOX');
      await assert.rejects(activity(async () => fetch('http://127.0.0.1:1/')), own);
      const [, completed] = spans(await core.asked(), HTTP);
      assert.equal(completed?.['http_status_code'], null);
      assert.ok(completed?.['error']);
    },
  },
  {
    id: 'a body that nobody reads is reported when the activity ends',
    proves: ['http.unread-body'],
    async run({ activity, fetch, site, core }) {
      await activity(async () => (await fetch(`${site.url}/hello`)).status);
      const [, completed] = spans(await core.asked(), HTTP);
      assert.equal(completed?.['http_status_code'], 200);
      assert.equal(completed?.['response_body'], null);
      assert.deepEqual(steps(await core.asked()).slice(-3), ['http_request/completed', 'ActivityCompleted', 'WorkflowCompleted']);
    },
  },
  {
    id: 'requests in parallel are asked in parallel',
    proves: ['hook.parallel'],
    async run({ activity, fetch, site, core }) {
      const asked = async (): Promise<string[]> => steps(await core.asked()).filter((step) => step.startsWith(HTTP));
      await activity(async () => {
        const all = Promise.all([1, 2, 3].map(async (n) => (await fetch(`${site.url}/slow-stream?n=${n}`)).text()));
        // None of them can end before all have begun: were they asked one after the other, this would never be left.
        while ((await asked()).length < 3);
        await site.releaseStream();
        await all;
      });
      assert.deepEqual((await asked()).toSorted(), [...STAGES, ...STAGES, ...STAGES].toSorted());
    },
  },
];
