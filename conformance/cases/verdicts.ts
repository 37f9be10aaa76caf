import assert from 'node:assert/strict';
import type { Rule } from '../local-core/policy.ts';
import type { Case } from '../surface.ts';
import { steps } from './steps.ts';

const started = (answer: Rule['answer']): Rule[] => [{ when: { stage: 'started' }, answer }];
const everything = (answer: Rule['answer']): Rule[] => [{ when: { call: 'evaluate' }, answer }];

const redacting = (redacted: unknown): Rule['answer'] => ({
  verdict: 'allow',
  guardrails_result: { input_type: 'activity_input', redacted_input: redacted, validation_passed: true },
});

export const verdictCases: readonly Case[] = [
  {
    id: 'constrain goes on',
    proves: ['verdict.constrain'],
    async run({ activity, fetch, site }) {
      const get = async (): Promise<string> => (await fetch(`${site.url}/hello`)).text();
      const said: string[] = [];
      const logger = { info: (text: string) => void said.push(text), warn: () => {}, error: () => {} };
      const rules = started({ verdict: 'constrain', reason: 'slowly', constraints: [{ max: 1 }] });
      assert.equal(await activity(get, { rules, options: { logger } }), 'hello');
      assert.deepEqual(said, ['Constrained: slowly']);
    },
  },
  {
    id: 'a redacted argument is what the activity and its hooks see',
    proves: ['input.redacted'],
    async run({ start, fetch, site, core }) {
      await core.setRules([{ when: { event_type: 'ActivityStarted', hook: false }, answer: redacting({ phone: '[PHONE]' }) }]);
      await using openbox = await start();
      const seen = await openbox.runWorkflow({ workflowType: 'Redacted' }, [], ({ activity }) =>
        activity('call', [{ name: 'Ada', phone: '555-1234' }], async (person) => {
          await (await fetch(`${site.url}/hello`)).text();
          return person;
        }),
      );
      assert.deepEqual(seen, { name: 'Ada', phone: '[PHONE]' });
      const after = (await core.asked()).filter(({ event, step }) => step !== 'ActivityStarted' && event['activity_input'] !== undefined && step !== 'WorkflowStarted');
      assert.equal(after.length, 3);
      for (const { event } of after) assert.deepEqual(event['activity_input'], [{ name: 'Ada', phone: '[PHONE]' }]);
    },
  },
  {
    id: 'a redacted argument keeps its class, and keys like __proto__ are data',
    proves: ['input.class', 'input.keys'],
    async run({ start, core }) {
      class Card {
        readonly number: string;
        readonly at: Date;
        constructor(number: string) {
          this.number = number;
          this.at = new Date(0);
        }
        last4(): string {
          return this.number.slice(-4);
        }
      }
      const redacted: unknown = JSON.parse('{"number":"XXXX-0000","__proto__":{"admin":true}}');
      await core.setRules([{ when: { event_type: 'ActivityStarted', hook: false }, answer: redacting([redacted]) }]);
      await using openbox = await start();
      const card = new Card('4111-1111');
      const seen = await openbox.runWorkflow({ workflowType: 'Redacted' }, [], ({ activity }) => activity('pay', [card], async (given) => given));
      assert.ok(seen instanceof Card);
      assert.equal(seen.last4(), '0000');
      assert.equal(seen.at, card.at);
      assert.equal((seen as { admin?: unknown }).admin, undefined);
      assert.deepEqual(Object.getOwnPropertyDescriptor(seen, '__proto__')?.value, { admin: true });
    },
  },
  {
    id: 'a redaction that came with an approval is applied after the grant',
    proves: ['approval.redaction-kept'],
    async run({ start, core }) {
      const answer = { ...redacting({ phone: '[PHONE]' }), verdict: 'require_approval' };
      await core.setRules([{ when: { event_type: 'ActivityStarted', hook: false }, answer, times: 1 }]);
      await using openbox = await start({ hitlPollIntervalMs: 20 });
      const seen = openbox.runWorkflow({ workflowType: 'Redacted' }, [], ({ activity }) =>
        activity('call', [{ phone: '555-1234' }], async (person) => person),
      );
      await core.approveNext();
      assert.deepEqual(await seen, { phone: '[PHONE]' });
    },
  },
  {
    id: 'observe mode asks and stops nothing',
    proves: ['observe.stops-nothing'],
    async run({ activity, fetch, site, core }) {
      const get = async (): Promise<string> => (await fetch(`${site.url}/hello`)).text();
      assert.equal(await activity(get, { rules: started({ verdict: 'block' }), options: { mode: 'observe' } }), 'hello');
      assert.ok(steps(await core.asked()).includes('http_request/started'));
    },
  },
  ...(['halt', 'require_approval', 'perhaps'] as const).map(
    (verdict): Case => ({
      id: `observe mode says what it would have stopped, line by line: ${verdict}`,
      proves: ['observe.stops-nothing', 'observe.named'],
      async run({ start, fetch, site, core }) {
        const lines: string[] = [];
        const say = (text: string): void => void lines.push(text);
        await core.setRules(everything({ verdict }));
        await using openbox = await start({ mode: 'observe', logger: { info: say, warn: say, error: say } });
        const get = async (): Promise<string> => (await fetch(`${site.url}/hello`)).text();
        const seen = openbox.runWorkflow({ workflowType: 'Observed' }, [], ({ activity }) => activity('act', [], get));
        assert.equal(await seen, 'hello');
        const asked = steps(await core.asked());
        assert.deepEqual(asked, ['WorkflowStarted', 'ActivityStarted', 'http_request/started', 'http_request/completed', 'ActivityCompleted', 'WorkflowCompleted']);
        assert.equal(lines.filter((line) => line.startsWith('[observe] Not enforced: ')).length, asked.length);
        assert.ok(lines.every((line) => line.startsWith('[observe] ')));
        assert.deepEqual(new Set(openbox.coverageReport().map(({ mode }) => mode)), new Set(['observe']));
      },
    }),
  ),
  {
    id: 'halt ends the workflow, swallowed or not',
    proves: ['verdict.halt'],
    async run({ activity, fetch, site, core }) {
      const get = async (): Promise<unknown> => fetch(`${site.url}/hello`).catch(() => 'swallowed');
      await assert.rejects(activity(get, { rules: started({ verdict: 'halt', reason: 'enough' }) }), {
        code: 'OPENBOX_HALTED',
        message: 'Governance HALT: enough',
        reason: 'enough',
      });
      assert.deepEqual(await site.hits(), []);
      assert.deepEqual(steps(await core.asked()), ['WorkflowStarted', 'ActivityStarted', 'http_request/started']);
    },
  },
  ...(['fail_open', 'fail_closed'] as const).flatMap((governancePolicy): Case[] => [
    {
      id: `an answer that cannot be followed is refused under ${governancePolicy}`,
      proves: ['verdict.unfollowable'],
      async run({ activity, fetch, site }) {
        for (const json of [{}, { verdict: 'perhaps' }, { verdict: 7 }]) {
          const get = async (): Promise<unknown> => fetch(`${site.url}/hello`);
          const setting = { rules: started({ status: 200, json }), options: { governancePolicy } };
          await assert.rejects(activity(get, setting), { code: 'OPENBOX_API_FAILED' });
        }
        assert.deepEqual(await site.hits(), []);
      },
    },
    {
      id: `a revoked key lets nothing through under ${governancePolicy}`,
      proves: ['errors.auth'],
      async run({ activity, fetch, site }) {
        const get = async (): Promise<unknown> => fetch(`${site.url}/hello`);
        await assert.rejects(activity(get, { rules: started({ status: 401, json: {} }), options: { governancePolicy } }), {
          code: 'OPENBOX_AUTH_FAILED',
        });
        assert.deepEqual(await site.hits(), []);
      },
    },
  ]),
  ...(['drop', 'garbage', 'wrong_type', 'status 500', 'never'] as const).flatMap((fault): Case[] => {
    const answer: Rule['answer'] = fault === 'status 500' ? { status: 500, json: {} } : { fault };
    const options = { governanceTimeout: 300 };
    return [
      {
        id: `with Core in trouble (${fault}) fail_open goes on`,
        proves: ['errors.fail-open'],
        async run({ activity, fetch, site }) {
          const get = async (): Promise<string> => (await fetch(`${site.url}/hello`)).text();
          assert.equal(await activity(get, { rules: started(answer), options }), 'hello');
        },
      },
      {
        id: `with Core in trouble (${fault}) fail_closed refuses`,
        proves: ['errors.fail-closed'],
        async run({ activity, fetch, site }) {
          const get = async (): Promise<unknown> => fetch(`${site.url}/hello`);
          const setting = { rules: started(answer), options: { ...options, governancePolicy: 'fail_closed' as const } };
          await assert.rejects(activity(get, setting), { code: 'OPENBOX_HALTED', message: /OpenBox Core not reachable/ });
          assert.deepEqual(await site.hits(), []);
        },
      },
    ];
  }),
  {
    id: 'a Core that answers nothing is not asked about every operation',
    proves: ['errors.breaker'],
    async run({ activity, fetch, site, core }) {
      const work = async (): Promise<void> => {
        for (let n = 0; n < 20; n++) await (await fetch(`${site.url}/hello`)).text();
      };
      await activity(work, { rules: [{ when: { hook: true }, answer: { status: 500, json: {} } }] });
      assert.equal((await site.hits()).length, 20);
      const asked = steps(await core.asked()).filter((step) => step.startsWith('http_request/')).length;
      assert.ok(asked < 20, `asked ${asked} times about 20 requests`);
    },
  },
  {
    id: 'with Core down altogether an agent still works under fail_open',
    proves: ['errors.fail-open'],
    async run({ activity, fetch, site }) {
      const get = async (): Promise<string> => (await fetch(`${site.url}/hello`)).text();
      assert.equal(await activity(get, { rules: everything({ fault: 'drop' }) }), 'hello');
    },
  },
  ...(['granted', 'rejected', 'expired'] as const).map(
    (decision): Case => ({
      id: `an approval that is ${decision}`,
      proves: [`approval.${decision}`],
      async run({ activity, fetch, site, core }) {
        const rules = started({ verdict: 'require_approval', reason: 'a human must look' }).map((rule) => ({ ...rule, times: 1 }));
        const get = async (): Promise<string> => (await fetch(`${site.url}/hello`)).text();
        const settled = activity(get, { rules, options: { hitlPollIntervalMs: 20 } }).then(
          (value) => ({ value }),
          (error: unknown) => ({ error }),
        );
        if (decision === 'granted') await core.approveNext();
        else if (decision === 'rejected') await core.rejectNext('too dear');
        else await core.expireNext();
        const end = await settled;
        if (decision === 'granted') {
          assert.deepEqual(end, { value: 'hello' });
          return;
        }
        assert.equal((end as { error: { code: string } }).error.code, `OPENBOX_APPROVAL_${decision.toUpperCase()}`);
        assert.deepEqual(await site.hits(), []);
      },
    }),
  ),
];
