import assert from 'node:assert/strict';
import type { Case } from '../surface.ts';
import { steps } from './steps.ts';

export const runtimeCases: readonly Case[] = [
  {
    id: 'the suite runs where it says',
    proves: ['runtime.is-itself'],
    async run({ runtime }) {
      assert.equal(runtime.actual, runtime.expected);
      assert.notEqual(runtime.version, '');
    },
  },
  {
    id: 'a key that Core refuses does not start',
    proves: ['start.key-checked'],
    async run({ start }) {
      await assert.rejects(start({ openboxApiKey: 'obx_test_revoked' }), { code: 'OPENBOX_AUTH_FAILED' });
    },
  },
  {
    id: 'an activity sends its start and its end',
    proves: ['events.activity'],
    async run({ activity, core }) {
      await activity(async () => ({ answer: 42 }), { input: ['question', { n: 1 }] });
      const asked = await core.asked();
      assert.deepEqual(steps(asked), ['WorkflowStarted', 'ActivityStarted', 'ActivityCompleted', 'WorkflowCompleted']);
      assert.deepEqual(asked[1]?.event['activity_input'], ['question', { n: 1 }]);
      assert.equal(asked[2]?.event['status'], 'completed');
      assert.deepEqual(asked[2]?.event['activity_output'], { answer: 42 });
    },
  },
  {
    id: 'a failed activity sends its end',
    proves: ['events.failed'],
    async run({ activity, core }) {
      await assert.rejects(
        activity(async () => {
          throw new RangeError('mine');
        }),
        RangeError,
      );
      const end = (await core.asked()).find(({ step }) => step === 'ActivityCompleted');
      assert.equal(end?.event['status'], 'failed');
      assert.deepEqual(end?.event['error'], { type: 'RangeError', message: 'mine' });
    },
  },
  {
    id: 'outside an activity nothing is asked',
    proves: ['outside.untouched'],
    async run({ start, fetch, site, core }) {
      await using openbox = await start();
      assert.ok(openbox.coverageReport().some(({ installed }) => installed));
      assert.equal(await (await fetch(`${site.url}/hello`)).text(), 'hello');
      assert.deepEqual(await core.asked(), []);
    },
  },
  {
    id: 'after closing nothing is asked',
    proves: ['close.unpatched'],
    async run({ start, fetch, site, core }) {
      const openbox = await start();
      let release = (): void => {};
      const closed = new Promise<void>((resolve) => (release = resolve));
      let late = Promise.resolve('');
      await openbox.runWorkflow({ workflowType: 'Closing' }, [], ({ activity }) =>
        activity('act', [], async () => {
          // Carries the activity's context beyond its end.
          late = closed.then(async () => (await fetch(`${site.url}/hello`)).text());
        }),
      );
      await openbox.close();
      const before = (await core.asked()).length;
      release();
      assert.equal(await late, 'hello');
      assert.equal((await core.asked()).length, before);
    },
  },
  {
    id: 'twenty activities at once never see each other',
    proves: ['context.isolated'],
    async run({ start, fetch, site, core }) {
      await using openbox = await start();
      await openbox.runWorkflow({ workflowType: 'Crowd' }, [], async ({ activity }) => {
        const one = (n: number): Promise<void> =>
          activity(`crowd-${n}`, [], async () => {
            for (let round = 0; round < 3; round++) {
              await new Promise((resolve) => setTimeout(resolve, n % 3));
              await (await fetch(`${site.url}/hello?n=${n}`)).text();
            }
          });
        await Promise.all(Array.from({ length: 20 }, (_, n) => one(n)));
      });
      const hooks = (await core.asked()).filter(({ span }) => span !== undefined);
      assert.equal(hooks.length, 20 * 3 * 2);
      for (const { event, span } of hooks) {
        assert.equal(event['activity_type'], `crowd-${new URL(String(span?.['http_url'])).searchParams.get('n')}`);
      }
    },
  },
];
