import { ApplicationFailure } from '@temporalio/common';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type RunningSite, startSite } from '../../conformance/site.ts';
import type { Rule } from '../../conformance/testing.ts';
import { GovernanceBlockedError } from '../../core/errors.ts';
import { ending, historyText, type Ran, runtimeLog, stepsOf, testContract, testSecrecy, testWorld, withSpan } from './test-support.ts';

/** What really happened, by name. */
let effects: string[] = [];
const effect = (name: string): void => void effects.push(name);

const activities = {
  async echo(...args: unknown[]) {
    effect('echo');
    return args.length === 1 ? args[0] : args;
  },
  async hooks(...args: unknown[]) {
    const one = await withSpan('one', async () => (effect('one'), { card: '4111111111111111' }), { args });
    const two = await withSpan('two', () => (effect('two'), 2));
    return { one, two };
  },
  async swallows() {
    const caught: string[] = [];
    for (const name of ['one', 'two']) {
      await withSpan(name, () => effect(name)).catch((error: unknown) => {
        if (error instanceof GovernanceBlockedError) caught.push(error.verdict);
      });
    }
    return caught;
  },
  async fetches(url: string) {
    return (await fetch(url, { method: 'POST', body: 'hello' })).text();
  },
  async fails() {
    throw ApplicationFailure.nonRetryable('its own', 'OwnFailure');
  },
};

const world = testWorld({ activities });
let site: RunningSite;
beforeAll(async () => void (site = await startSite()));
afterAll(() => site.close());
beforeEach(async () => {
  effects = [];
  await site.clear();
});

const at = (event_type: string, activity_type: string, answer: object): Rule[] => [{ when: { event_type, activity_type, hook: false }, answer }];
const atHook = (name: string, stage: string, answer: object): Rule[] => [{ when: { function: name, stage }, answer }];
const run = (activity: string, rules: readonly Rule[], args: unknown[] = ['in'], local = false): Promise<Ran> =>
  world.run('steps', [[{ activity, args, local }]], { rules });

const BLOCK = { verdict: 'block', reason: 'not allowed here', policy_id: 'pol-1' };

/** The failure an activity's workflow sees. */
const failed = (type: string, message: string, details: object = {}): object => ({
  failure: [
    { name: 'ActivityFailure' },
    { name: 'ApplicationFailure', type, message, details: [expect.objectContaining(details) as unknown] },
  ],
});

describe('BLOCK', () => {
  test('at ActivityStarted: the activity never ran', async () => {
    const ran = await run('echo', at('ActivityStarted', 'echo', BLOCK));
    expect(ran).toMatchObject(
      failed('GovernanceBlock', 'Governance blocked: not allowed here', {
        verdict: 'block',
        reason: 'not allowed here',
        policyId: 'pol-1',
        identifier: 'echo',
      }),
    );
    expect(effects).toEqual([]);
    expect(stepsOf(ran.asked)).toEqual(['WorkflowStarted', 'ActivityStarted echo', 'WorkflowFailed']);
    expect(ran.asked[2]?.['error']).toMatchObject({ type: 'ActivityFailure', cause: { error_type: 'GovernanceBlock', non_retryable: true } });
  });

  test('of a local activity comes without the wrapper, as its own failures do', async () => {
    const ran = await run('echo', at('ActivityStarted', 'echo', BLOCK), ['in'], true);
    expect(ran).toMatchObject({ failure: [{ type: 'GovernanceBlock', message: 'Governance blocked: not allowed here' }] });
    expect(effects).toEqual([]);
  });

  test('at a hook: the operation never happened, nor any after it', async () => {
    const ran = await run('hooks', atHook('one', 'started', BLOCK));
    expect(ran).toMatchObject(failed('GovernanceBlock', 'Governance blocked: not allowed here', { identifier: 'one' }));
    expect(effects).toEqual([]);
    expect(stepsOf(ran.asked)).toEqual([
      'WorkflowStarted',
      'ActivityStarted hooks',
      'function_call/started',
      'ActivityCompleted hooks',
      'WorkflowFailed',
    ]);
    expect(ran.asked[3]).toMatchObject({ status: 'failed', error: { type: 'GovernanceBlockedError' } });
  });

  test('at a request: the server never saw it', async () => {
    const rules = [{ when: { hook_type: 'http_request', stage: 'started' }, answer: BLOCK }];
    const ran = await run('fetches', rules, [`${site.url}/echo`]);
    expect(ran).toMatchObject(failed('GovernanceBlock', 'Governance blocked: not allowed here', { identifier: `${site.url}/echo` }));
    expect(await site.hits()).toEqual([]);
  });

  test('at a request that was made: its answer is withheld', async () => {
    const rules = [{ when: { hook_type: 'http_request', stage: 'completed' }, answer: BLOCK }];
    const ran = await run('fetches', rules, [`${site.url}/forbidden`]);
    expect(ran).toMatchObject(failed('GovernanceBlock', 'Governance blocked: not allowed here'));
    expect(await site.hits()).toEqual(['POST /forbidden']);
    expect(await historyText(ran.handle)).not.toContain('you should not see this');
  });

  test('at a hook that the activity swallows: it fails all the same, and nothing runs after it (fault: block-swallowed)', async () => {
    const ran = await run('swallows', atHook('one', 'started', BLOCK), []);
    expect(ran).toMatchObject(failed('GovernanceBlock', 'Governance blocked: not allowed here', { verdict: 'block' }));
    expect(effects).toEqual([]);
    expect(stepsOf(ran.asked).filter((step) => step.startsWith('function_call'))).toEqual(['function_call/started']);
  });

  test('at a hook stays a BLOCK, where the next operation would need an approval (fault: block-becomes-approval)', async () => {
    const ran = await run('swallows', [...atHook('one', 'started', BLOCK), ...atHook('two', 'started', { verdict: 'require_approval', reason: 'please look' })], []);
    expect(ran).toMatchObject(failed('GovernanceBlock', 'Governance blocked: not allowed here', { verdict: 'block' }));
    expect(await world.core.approvals()).toEqual([]);
    expect(stepsOf(ran.asked).filter((step) => step === 'ActivityStarted swallows')).toHaveLength(1);
  });

  test('at a hook that has happened: its result is withheld', async () => {
    const ran = await run('hooks', atHook('one', 'completed', BLOCK));
    expect(ran).toMatchObject(failed('GovernanceBlock', 'Governance blocked: not allowed here'));
    expect(effects).toEqual(['one']);
  });

  test('at ActivityCompleted: the work is done, its result withheld', async () => {
    const ran = await run('hooks', at('ActivityCompleted', 'hooks', BLOCK));
    expect(ran).toMatchObject(failed('GovernanceBlock', 'Governance blocked: not allowed here'));
    expect(effects).toEqual(['one', 'two']);
    expect(ran.asked.find(({ event_type }) => event_type === 'ActivityCompleted')?.['activity_output']).toMatchObject({ one: { card: '4111111111111111' } });
    const history = await historyText(ran.handle);
    expect(history).toContain('not allowed here');
    expect(history).not.toContain('4111111111111111');
  });

  test('is not tried again, whatever the retry policy', async () => {
    const ran = await world.run('steps', [[{ activity: 'echo', options: { retry: { maximumAttempts: 5 } } }]], {
      rules: at('ActivityStarted', 'echo', BLOCK),
    });
    expect(ran.asked.filter(({ event_type }) => event_type === 'ActivityStarted')).toHaveLength(1);
  });

  test("of an activity's failure leaves its own failure in place", async () => {
    const ran = await run('fails', at('ActivityCompleted', 'fails', BLOCK));
    expect(ran).toMatchObject({ failure: [{ name: 'ActivityFailure' }, { type: 'OwnFailure', message: 'its own' }] });
  });

  test.each(['WorkflowStarted', 'WorkflowCompleted'])('of %s has no effect but a line in the log', async (event_type) => {
    const ran = await world.run('ends', ['well'], { rules: [{ when: { event_type }, answer: BLOCK }] });
    expect(ran.result).toBe('well');
    expect(runtimeLog).toContain(`ERROR: OpenBox: Governance blocked: not allowed here; a stop of ${event_type} has no effect`);
  });

  test('of a workflow that failed leaves its own failure in place', async () => {
    const ran = await world.run('ends', ['application'], { rules: [{ when: { event_type: 'WorkflowFailed' }, answer: BLOCK }] });
    expect(ran).toMatchObject({ failure: [{ type: 'OrderRejected' }] });
  });
});

test('CONSTRAIN goes on and is said', async () => {
  const ran = await run('echo', at('ActivityStarted', 'echo', { verdict: 'constrain', reason: 'small steps', constraints: [{ max: 1 }] }));
  expect(ran.result).toEqual(['in']);
  expect(world.lines).toContainEqual(expect.objectContaining({ level: 'info', message: 'Constrained: small steps' }));
});

describe('guardrails', () => {
  const guardrails = (input_type: string, redacted_input: unknown): object => ({ verdict: 'allow', guardrails_result: { input_type, redacted_input } });

  test.each<[string, unknown[], unknown, unknown[]]>([
    ['a field of an object', [{ name: 'Ada', phone: '555' }], [{ phone: '[PHONE]' }], [{ name: 'Ada', phone: '[PHONE]' }]],
    ['one object for the single argument', [{ name: 'Ada', phone: '555' }], { phone: '[PHONE]' }, [{ name: 'Ada', phone: '[PHONE]' }]],
    ['a text', ['call 555'], ['call [PHONE]'], ['call [PHONE]']],
    ['one of several arguments', ['555', 1], ['[PHONE]', 1], ['[PHONE]', 1]],
  ])('replace %s of the input, for the activity, its hooks and its end (fault: redaction-not-applied, hooks-show-unredacted)', async (_what, args, redacted, seen) => {
    const ran = await run('hooks', at('ActivityStarted', 'hooks', guardrails('activity_input', redacted)), args);
    const [started, ...later] = ran.asked.filter(({ activity_type }) => activity_type === 'hooks');
    expect(started?.['activity_input']).toEqual(args);
    expect(later).toHaveLength(5);
    for (const body of later) expect(body['activity_input']).toEqual(seen);
    const [span] = later[0]?.spans ?? [];
    expect(JSON.parse(String(span?.['args']))).toEqual(seen);
  });

  test('replace the output', async () => {
    const ran = await run('hooks', at('ActivityCompleted', 'hooks', guardrails('activity_output', { one: { card: '[CARD]' } })));
    expect(ran.result).toEqual([{ one: { card: '[CARD]' }, two: 2 }]);
    const history = await historyText(ran.handle);
    expect(history).toContain('[CARD]');
    expect(history).not.toContain('4111111111111111');
  });

  test('an operation sees the replaced input', async () => {
    const rules = at('ActivityStarted', 'fetches', guardrails('activity_input', [`${site.url}/hello`]));
    const ran = await run('fetches', rules, [`${site.url}/forbidden`]);
    expect(ran.result).toEqual(['hello']);
    expect(await site.hits()).toEqual(['POST /hello']);
    expect(stepsOf(ran.asked).filter((step) => step.startsWith('http_request'))).toEqual(['http_request/started', 'http_request/completed']);
  });

  test("replace a function's result (fault: hook-guardrails-ignored)", async () => {
    const ran = await run('hooks', atHook('one', 'completed', guardrails('activity_output', { card: '[CARD]' })));
    expect(ran.result).toEqual([{ one: { card: '[CARD]' }, two: 2 }]);
  });

  test.each(['ActivityStarted', 'ActivityCompleted'])('that fail validation at %s stop', async (event) => {
    const reasons = [
      { type: 'pii', field: 'x', reason: 'a' },
      { type: 'pii', field: 'y', reason: 'b' },
    ];
    const guardrails_result = { input_type: 'activity_input', validation_passed: false, reasons };
    const ran = await run('echo', at(event, 'echo', { verdict: 'allow', guardrails_result }));
    expect(ran).toMatchObject(failed('GuardrailsValidationFailed', 'Guardrails validation failed: a; b', { reasons: ['a', 'b'] }));
    expect(effects).toEqual(event === 'ActivityStarted' ? [] : ['echo']);
  });

  test.each([
    ['started', []],
    ['completed', ['one']],
  ])('that fail validation at a hook, %s, stop', async (stage, happened) => {
    const guardrails_result = { input_type: 'activity_input', validation_passed: false, reasons: [{ reason: 'a' }] };
    const ran = await run('swallows', atHook('one', stage, { verdict: 'allow', guardrails_result }), []);
    expect(ran).toMatchObject(failed('GuardrailsValidationFailed', 'Guardrails validation failed: a', { reasons: ['a'], identifier: 'one' }));
    expect(effects).toEqual(happened);
  });

  test('bring keys like __proto__ as data', async () => {
    const hostile: unknown = JSON.parse('{"__proto__":{"admin":true},"phone":"[PHONE]"}');
    const ran = await run('echo', at('ActivityStarted', 'echo', guardrails('activity_input', [hostile])), [{ phone: '555' }]);
    expect(JSON.stringify(ran.result)).toBe('[{"phone":"[PHONE]","__proto__":{"admin":true}}]');
    expect(({} as { admin?: unknown }).admin).toBeUndefined();
  });

  test('of a workflow event apply to nothing: a BLOCK, which stops what comes after a signal', async () => {
    const handle = await world.start('inbox', [{ wanted: 1, after: [{ activity: 'echo', args: ['after'] }] }], {
      rules: [{ when: { event_type: 'SignalReceived' }, answer: guardrails('activity_input', ['x']) }],
    });
    await handle.signal('add', 'secret');
    const message = expect.stringContaining('a redaction of activity_input does not apply to a workflow event') as unknown;
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'ActivityFailure' }, { type: 'GovernanceBlock', message }] });
    expect(effects).toEqual([]);
  });

  test('that do not fit are refused', async () => {
    const ran = await run('echo', at('ActivityStarted', 'echo', guardrails('activity_input', ['a', 'b'])));
    expect(ran.failure?.[1]).toMatchObject({ type: 'GovernanceAPIError' });
    expect(effects).toEqual([]);
  });
});

test('an answer that cannot be followed is refused (fault: unknown-verdict-passes)', async () => {
  const ran = await run('echo', at('ActivityStarted', 'echo', { verdict: 'perhaps' }));
  expect(ran.failure?.[1]).toMatchObject({ type: 'GovernanceAPIError' });
  expect(effects).toEqual([]);
});

test('a Core that echoes the key puts it nowhere (see the end of this file)', async () => {
  const echo = { reason: world.core.apiKey, policy_id: world.core.apiKey, constraints: { seen: world.core.apiKey } };
  const rules = [
    { when: { event_type: 'WorkflowStarted' }, answer: { ...echo, verdict: 'block' } },
    { when: { event_type: 'ActivityStarted' }, answer: { ...echo, verdict: 'constrain' } },
    { when: { event_type: 'ActivityCompleted' }, answer: { ...echo, verdict: 'block' } },
  ];
  const { failure } = await run('echo', rules);
  expect(failure?.[1]).toMatchObject({ type: 'GovernanceBlock', details: [{ policyId: 'obx_test_…' }] });
  expect(world.lines).toContainEqual(expect.objectContaining({ details: expect.objectContaining({ constraints: { seen: 'obx_test_…' } }) as unknown }));
});

test('parallel activities are stopped one by one', async () => {
  const calls = ['a', 'b', 'c'].map((name) => ({ activity: 'echo', args: [name], catches: true }));
  const { result } = await world.run('together', [calls], {
    rules: [{ when: { event_type: 'ActivityStarted' }, answer: BLOCK, times: 1 }],
  });
  const results = result as unknown[];
  expect(results.filter((one) => typeof one === 'object')).toHaveLength(1);
  expect(effects).toEqual(['echo', 'echo']);
});

testContract(world);
testSecrecy(world);
