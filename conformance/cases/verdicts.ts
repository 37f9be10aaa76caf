import assert from 'node:assert/strict';
import type { Rule } from '../local-core/policy.ts';
import type { Case } from '../surface.ts';
import { steps } from './steps.ts';

const started = (answer: Rule['answer']): Rule[] => [{ when: { stage: 'started' }, answer }];
const everything = (answer: Rule['answer']): Rule[] => [{ when: { call: 'evaluate' }, answer }];

export const verdictCases: readonly Case[] = [
  {
    id: 'constrain goes on',
    proves: ['verdict.constrain'],
    async run({ activity, fetch, site }) {
      const get = async (): Promise<string> => (await fetch(`${site.url}/hello`)).text();
      assert.equal(await activity(get, { rules: started({ verdict: 'constrain', constraints: [{ max: 1 }] }) }), 'hello');
    },
  },
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
      assert.deepEqual(site.hits(), []);
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
        assert.deepEqual(site.hits(), []);
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
        assert.deepEqual(site.hits(), []);
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
          assert.deepEqual(site.hits(), []);
        },
      },
    ];
  }),
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
        assert.deepEqual(site.hits(), []);
      },
    }),
  ),
];
