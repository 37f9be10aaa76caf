import { once } from 'node:events';
import * as threads from 'node:worker_threads';
import { afterEach, expect, test } from 'vitest';
import { resolveConfig, type SyncGate } from '../../core/index.ts';
import { createSyncGate } from './sync-gate.ts';

const config = resolveConfig({ openboxUrl: 'http://localhost:9', openboxApiKey: 'obx_test_gate' });
const open: SyncGate[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((gate) => gate.close()));
});

interface Watched {
  readonly gate: SyncGate;
  readonly started: threads.Worker[];
}

/** A gate whose thread does this with each question: `reply(id, problem)` answers one. */
function gateWith(onMessage: string, before = '', file?: { readonly url: URL; exists(): boolean }): Watched {
  const code = `
    import { workerData } from 'node:worker_threads';
    const { port, cells } = workerData;
    const wake = () => { Atomics.add(cells, 0, 1); Atomics.notify(cells, 0); };
    const reply = (id, problem) => { port.postMessage({ id, outcome: { kind: 'unreachable', problem } }); wake(); };
    ${before}
    process.once('exit', () => { Atomics.store(cells, 1, 2); wake(); });
    port.on('message', ({ id, body }) => { ${onMessage} });
    Atomics.store(cells, 1, 1);`;
  const started: threads.Worker[] = [];
  class Worker extends threads.Worker {
    constructor(...args: ConstructorParameters<typeof threads.Worker>) {
      super(...args);
      started.push(this);
    }
  }
  const url = new URL(`data:text/javascript,${encodeURIComponent(code)}`);
  const gate = createSyncGate(config, 'test', {
    threads: { ...threads, Worker },
    entry: { url: file?.url ?? url, execArgv: [] },
    exists: file?.exists ?? (() => true),
    env: () => ({ ...process.env, NODE_OPTIONS: '--no-such-flag', EARLIER: String(started.length) }),
    outside: (body) => body(),
  });
  open.push(gate);
  return { gate, started };
}

const problem = (gate: SyncGate, body = 'x', timeout = 5000): string => {
  const outcome = gate.evaluate(body, timeout);
  return 'problem' in outcome ? outcome.problem : outcome.kind;
};

test('no thread before the first question, then one for all; none after close', async () => {
  const { gate, started } = gateWith('reply(id, body)');
  expect(started).toHaveLength(0);
  expect([problem(gate, 'a'), problem(gate, 'b'), gate.working]).toEqual(['a', 'b', false]);
  expect(started).toHaveLength(1);
  const [[code]] = await Promise.all([once(started[0] as threads.Worker, 'exit'), gate.close()]);
  expect(code).toBe(1);
  expect(problem(gate)).toBe('the sync gate is closed');
  expect(started).toHaveLength(1);
});

test('a late reply, and one to a question nobody asked, never answer another', () => {
  // The thread takes longer to start than the first question may take; it answers that one late, and then more than it was asked.
  const slowly = 'for (const until = Date.now() + 400; Date.now() < until; );';
  const { gate, started } = gateWith("if (body === 'first') reply(id, 'late'); else { reply(id + 1, 'too early'); reply(id, body); }", slowly);
  expect(gate.evaluate('first', 1)).toEqual({ kind: 'unaskable', problem: 'the thread of the sync gate has not started within 1 ms' });
  expect([problem(gate, 'second'), problem(gate, 'third')]).toEqual(['second', 'third']);
  expect(started).toHaveLength(1);
});

test('a thread that is stuck is given up at the timeout and replaced', () => {
  const { gate, started } = gateWith(`if (body === 'stuck') { for (;;); } reply(id, body);`);
  problem(gate, 'warm');
  expect(problem(gate, 'stuck', 50)).toBe('no answer within 50 ms');
  expect(problem(gate, 'next')).toBe('next');
  expect(started).toHaveLength(2);
});

test.each([
  ['ends', 'process.exit(3)'],
  ['fails', 'throw new Error("broken")'],
])('a thread that %s under a question is replaced, and the same question answered', (_, end) => {
  const { gate, started } = gateWith(`if (body === 'die' && process.env.EARLIER === '0') { ${end} } reply(id, body);`);
  expect(problem(gate, 'die')).toBe('die');
  expect(started).toHaveLength(2);
});

test('a question of which every thread dies is given up', () => {
  const { gate, started } = gateWith("if (body === 'die') process.exit(3); reply(id, body);");
  expect(problem(gate, 'die')).toBe('the thread of the sync gate has died');
  expect(started).toHaveLength(2);
  expect(problem(gate, 'next')).toBe('next');
});

test('a thread that was terminated between questions is replaced', async () => {
  const { gate, started } = gateWith('reply(id, body)');
  expect(problem(gate, 'a')).toBe('a');
  await started[0]?.terminate();
  expect(problem(gate, 'b')).toBe('b');
  expect(started).toHaveLength(2);
});

test('a thread that does not start costs one timeout, not one for each question', async () => {
  const { gate, started } = gateWith('', 'throw new Error("no start");');
  expect(gate.evaluate('a', 300)).toEqual({ kind: 'unaskable', problem: 'the thread of the sync gate has not started within 300 ms' });
  await once(started[0] as threads.Worker, 'exit').catch(() => undefined);
  expect(gate.evaluate('b', 5000)).toEqual({ kind: 'unaskable', problem: 'the thread of the sync gate does not start' });
  expect(started).toHaveLength(1);
});

test('a thread whose file is missing, as in a bundle, is told at once', () => {
  const { gate, started } = gateWith('reply(id, body)', '', { url: new URL('file:///nowhere/sync-gate-thread.js'), exists: () => false });
  for (const outcome of [gate.evaluate('a', 60_000), gate.evaluate('b', 60_000)]) {
    expect(outcome).toMatchObject({ kind: 'unaskable', problem: expect.stringMatching(/^the thread of the sync gate does not start/) as unknown });
  }
  expect(started).toHaveLength(0);
});

test('a runtime that refuses threads is told, and nothing is thrown', () => {
  const Worker = function (): never {
    throw new Error('Access to this API has been restricted');
  };
  const gate = createSyncGate(config, 'test', {
    threads: { ...threads, Worker: Worker as unknown as typeof threads.Worker },
    entry: { url: new URL('data:text/javascript,'), execArgv: [] },
    exists: () => true,
    env: () => ({}),
    outside: (body) => body(),
  });
  expect(problem(gate)).toBe('the thread of the sync gate does not start: Access to this API has been restricted');
  expect(gate.working).toBe(false);
});

test('the key is not in the thread’s environment, and preloads of the process do not run in it', () => {
  process.env['OPENBOX_API_KEY'] = 'obx_test_env';
  try {
    const { gate } = gateWith('reply(id, JSON.stringify([process.env.OPENBOX_API_KEY, process.env.NODE_OPTIONS, process.execArgv]))');
    expect(problem(gate)).toBe('[null,null,[]]');
  } finally {
    delete process.env['OPENBOX_API_KEY'];
  }
});
