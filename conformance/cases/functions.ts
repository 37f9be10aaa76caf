import assert from 'node:assert/strict';
import type { Case } from '../surface.ts';
import { spans } from './steps.ts';

const CALL = 'function_call';

export const functionCases: readonly Case[] = [
  {
    id: 'arguments and result are shown as JSON text',
    proves: ['function.shown', 'hook.two-stages'],
    async run({ activity, traced, core }) {
      const add = traced(async (a: number, b: number) => ({ sum: a + b }), { name: 'add', module: 'math' });
      assert.deepEqual(await activity(async () => add(1, 2)), { sum: 3 });
      const [started, completed] = spans(await core.asked(), CALL);
      assert.deepEqual([started?.['function'], started?.['module'], started?.['args'], started?.['result']], ['add', 'math', '[1,2]', null]);
      assert.deepEqual([completed?.['args'], completed?.['result']], ['[1,2]', '{"sum":3}']);
    },
  },
  {
    id: 'neither is shown where capture is off',
    proves: ['function.shown'],
    async run({ activity, traced, core }) {
      const same = traced(async (a: number) => a, { name: 'same', captureArgs: false, captureResult: false });
      await activity(async () => same(7));
      for (const span of spans(await core.asked(), CALL)) assert.deepEqual([span['args'], span['result']], [null, null]);
    },
  },
  {
    id: 'what a function does hangs below it',
    proves: ['span.nested'],
    async run({ activity, traced, core }) {
      const inner = traced(async () => 1, { name: 'inner' });
      const outer = traced(async () => (await inner()) + (await inner()), { name: 'outer' });
      await activity(async () => {
        await Promise.all([outer(), inner()]);
        await inner();
      });
      const started = spans(await core.asked(), CALL).filter(({ stage }) => stage === 'started');
      const of = (name: string): typeof started => started.filter((span) => span['function'] === name);
      const [around] = of('outer');
      const parents = of('inner').map((span) => span['parent_span_id']);
      assert.equal(parents.filter((parent) => parent === around?.['span_id']).length, 2);
      assert.equal(parents.filter((parent) => parent === around?.['parent_span_id']).length, 2);
      assert.equal(new Set(started.map((span) => span['trace_id'])).size, 1);
    },
  },
  {
    id: 'a blocked function does not run',
    proves: ['hook.blocked-before-effect'],
    async run({ activity, traced }) {
      let ran = false;
      const act = traced(async () => void (ran = true), { name: 'act' });
      const rules = [{ when: { function: 'act', stage: 'started' }, answer: { verdict: 'block' } }] as const;
      await assert.rejects(activity(async () => act(), { rules }), { code: 'OPENBOX_BLOCKED', identifier: 'act' });
      assert.equal(ran, false);
    },
  },
  {
    id: 'guardrails replace what a function returned',
    proves: ['function.redacted'],
    async run({ activity, traced }) {
      const load = traced(async () => ({ card: '4111', ok: true }), { name: 'load' });
      const answer = {
        verdict: 'allow',
        guardrails_result: { input_type: 'activity_output', redacted_input: { card: '[CARD]' }, validation_passed: true },
      } as const;
      const rules = [{ when: { function: 'load', stage: 'completed' }, answer }];
      assert.deepEqual(await activity(async () => load(), { rules }), { card: '[CARD]', ok: true });
    },
  },
  {
    id: 'a function’s own error surfaces and is told',
    proves: ['function.shown'],
    async run({ activity, traced, core }) {
      const fail = traced(async (): Promise<void> => Promise.reject(new RangeError('mine')), { name: 'fail' });
      await assert.rejects(activity(async () => fail()), RangeError);
      const [, completed] = spans(await core.asked(), CALL);
      assert.deepEqual([completed?.['error'], completed?.['result']], ['mine', null]);
    },
  },
];
