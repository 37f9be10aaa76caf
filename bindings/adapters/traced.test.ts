import ts from 'typescript';
import { describe, expect, test } from 'vitest';
import { GovernanceBlockedError, OpenBoxConfigError, type Outcome } from '../../core/index.ts';
import { memorySyncGate } from '../../core/ports/sync-gate.ts';
import { at, BLOCK, createWorld, type World } from './test-support.ts';
import { createTraced, type Traced } from './traced.ts';

const tracedIn = ({ gate }: World): Traced => createTraced(gate);

const answered = (verdict: 'allow' | 'block'): Outcome => ({
  kind: 'answered',
  answer: { verdict, reason: null, policyId: null, approvalId: null, approvalExpirationTime: null, constraints: null },
});

describe('async functions', () => {
  test('outside an activity the call goes straight through', () => {
    const world = createWorld();
    const result = Promise.resolve(1);
    const traced = tracedIn(world)(() => result, { async: true });
    expect(traced()).toBe(result);
  });

  test('are asked about before they run, with arguments and result', async () => {
    const world = createWorld();
    const steps: string[][] = [];
    const add = tracedIn(world)(async (a: number, b: number) => (steps.push(world.steps()), { sum: a + b }), { name: 'add', module: 'math' });
    expect(await world.activity(() => add(1, 2))).toEqual({ sum: 3 });
    expect(steps).toEqual([['function_call/started']]);
    expect(world.asked()).toMatchObject([
      { span: { stage: 'started', function: 'add', module: 'math', args: '[1,2]', result: null } },
      { span: { stage: 'completed', function: 'add', module: 'math', args: '[1,2]', result: '{"sum":3}' } },
    ]);
  });

  test('the name is the function’s own where none is given, and nothing is shown that is not to be', async () => {
    const world = createWorld();
    const traced = tracedIn(world);
    async function load(_secret: string): Promise<string> {
      return 'secret';
    }
    await world.activity(() => traced(load, { captureArgs: false, captureResult: false })('secret'));
    await world.activity(() => traced((() => async () => 1)())());
    expect(world.asked().map(({ span }) => [span['function'], span['module'], span['args'], span['result']])).toEqual([
      ['load', null, null, null],
      ['load', null, null, null],
      ['anonymous', null, '[]', null],
      ['anonymous', null, '[]', '1'],
    ]);
  });

  test('keep this, name, length and being async', async () => {
    const world = createWorld();
    const traced = tracedIn(world)(async function whose(this: { name: string }, _a: number): Promise<string> {
      return this.name;
    });
    expect([traced.name, traced.length, Object.prototype.toString.call(traced)]).toEqual(['whose', 1, '[object AsyncFunction]']);
    expect(await world.activity(() => traced.call({ name: 'mine' }, 1))).toBe('mine');
  });

  test('a blocked one does not run', async () => {
    const world = createWorld(at('function_call/started', BLOCK));
    let ran = false;
    const act = tracedIn(world)(async () => void (ran = true), { name: 'act' });
    await expect(world.activity(act)).rejects.toMatchObject({ code: 'OPENBOX_BLOCKED', identifier: 'act' });
    expect(ran).toBe(false);
  });

  test('guardrails replace the result', async () => {
    const guardrails_result = { input_type: 'activity_output', redacted_input: { card: '[CARD]' } };
    const world = createWorld(at('function_call/completed', { json: { verdict: 'allow', guardrails_result } }));
    const load = tracedIn(world)(async () => ({ card: '4111', ok: true }));
    expect(await world.activity(load)).toEqual({ card: '[CARD]', ok: true });
  });

  test('what they throw is told and stays theirs', async () => {
    const world = createWorld();
    const error = new RangeError('too far');
    const fail = tracedIn(world)(async () => {
      throw error;
    });
    await expect(world.activity(fail)).rejects.toBe(error);
    expect(world.asked()[1]?.span).toMatchObject({ stage: 'completed', error: 'too far', result: null });
  });

  test('run with the list of arguments that was shown', async () => {
    const world = createWorld();
    const count = tracedIn(world)(async (...all: unknown[]) => all.length);
    const list = [1, 2];
    await world.activity(async () => {
      const call = count(...list);
      list.push(3);
      expect(await call).toBe(2);
    });
  });

  test('a function that returns a promise without being declared async can be asked for', async () => {
    const world = createWorld();
    const load = tracedIn(world)(() => Promise.resolve('loaded'), { name: 'load', async: true });
    expect(await world.activity(load)).toBe('loaded');
    expect(world.steps()).toEqual(['function_call/started', 'function_call/completed']);
  });

  test('reject, rather than throw, what is denied for belonging to nobody', async () => {
    const world = createWorld(undefined, { unattributed: 'deny' });
    const act = tracedIn(world)(async () => 1);
    await world.activity(async () => {
      await expect(world.governor.scopes.storage.run(undefined as never, act)).rejects.toThrow(GovernanceBlockedError);
    });
  });
});

describe('other functions', () => {
  test('run unasked with a warning where the runtime cannot wait, and are denied under strict', async () => {
    const lenient = createWorld();
    expect(await lenient.activity(async () => tracedIn(lenient)((a: number) => a + 1, { name: 'next' })(1))).toBe(2);
    expect(lenient.asked()).toEqual([]);
    expect(lenient.log.lines).toMatchObject([{ level: 'warn', message: expect.stringContaining('"next"') as string }]);

    const strict = createWorld(undefined, { strict: true });
    let ran = false;
    const act = tracedIn(strict)(() => void (ran = true));
    await expect(strict.activity(async () => act())).rejects.toThrow(GovernanceBlockedError);
    expect(ran).toBe(false);
  });

  test('are asked about through a gate', async () => {
    const gate = memorySyncGate((body) => answered(body.includes('"forbidden"') ? 'block' : 'allow'));
    const world = createWorld(undefined, {}, { syncGate: gate });
    const traced = tracedIn(world);
    let ran = false;
    let next: number | undefined;
    const run = world.activity(async () => {
      next = traced((a: number) => a + 1, { name: 'next' })(1);
      traced(() => void (ran = true), { name: 'forbidden' })();
    });
    await expect(run).rejects.toThrow(GovernanceBlockedError);
    expect([next, ran]).toEqual([2, false]);
    const spans = gate.asked.map((body) => (JSON.parse(body) as { spans: [Record<string, unknown>] }).spans[0]);
    expect(spans.map(({ stage, function: name, result }) => [stage, name, result])).toEqual([
      ['started', 'next', null],
      ['completed', 'next', '2'],
      ['started', 'forbidden', null],
    ]);
  });

  test('a promise they return is told, and withheld, when it has settled', async () => {
    const gate = memorySyncGate(() => answered('allow'));
    const world = createWorld(({ step }) => (step.endsWith('completed') ? { json: { verdict: 'block' } } : undefined), {}, { syncGate: gate });
    await expect(world.activity(async () => tracedIn(world)(() => Promise.resolve('secret'))())).rejects.toThrow(GovernanceBlockedError);
    expect(gate.asked).toHaveLength(1);
  });

  test('a lazy thenable they return is handed out as it is', async () => {
    const world = createWorld(undefined, {}, { syncGate: memorySyncGate(() => answered('allow')) });
    let begun = false;
    const lazy = { then: () => void (begun = true) };
    const given = await world.activity(async () => [tracedIn(world)(() => lazy)()]);
    expect(given[0]).toBe(lazy);
    expect(begun).toBe(false);
  });
});

describe('as a decorator', () => {
  const source = `
    export const define = (traced) => {
      class Tools {
        prefix = 'p:';
        @traced({ module: 'tools' }) async load(id) { return this.prefix + id; }
        @traced({ name: 'made' }) static async make() { return 'made'; }
      }
      return Tools;
    };`;

  interface Tools {
    new (): { load(id: string): Promise<string> };
    make(): Promise<string>;
  }

  test.each([
    ['of the standard', {}],
    ['of TypeScript', { experimentalDecorators: true }],
  ])('%s', async (_, options) => {
    const world = createWorld();
    const code = ts.transpile(source, { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ES2022, ...options });
    const module: unknown = await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`);
    const { define } = module as { define(traced: Traced): Tools };
    const Tools = define(tracedIn(world));
    expect(await new Tools().load('1')).toBe('p:1');
    expect(await world.activity(async () => [await new Tools().load('1'), await Tools.make()])).toEqual(['p:1', 'made']);
    const started = world.asked().filter(({ step }) => step.endsWith('started'));
    expect(started.map(({ span }) => [span['function'], span['module'], span['args']])).toEqual([
      ['load', 'tools', '["1"]'],
      ['made', null, '[]'],
    ]);
    expect([new Tools().load.name, new Tools().load.length]).toEqual(['load', 1]);
  });

  test('anything but a method is refused', () => {
    const decorate = tracedIn(createWorld())() as (...args: unknown[]) => unknown;
    expect(() => decorate(Map, { kind: 'class', name: 'A' })).toThrow(OpenBoxConfigError);
    expect(() => decorate(undefined, { kind: 'field', name: 'a' })).toThrow(OpenBoxConfigError);
    expect(() => decorate({}, 'a')).toThrow(OpenBoxConfigError);
  });
});

test('a misspelt option is refused: it might show what was to be hidden', () => {
  const { gate } = createWorld();
  expect(() => createTraced(gate)(() => 1, { captureArg: false } as never)).toThrow('did you mean "captureArgs"?');
});
