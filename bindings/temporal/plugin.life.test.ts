import { setImmediate } from 'node:timers/promises';
import { NativeConnection, type Worker, type WorkerOptions, type WorkerPlugin } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import type { Binding } from '../../core/binding.ts';
import type { OpenBoxOptions } from '../../core/config-options.ts';
import { OpenBoxConfigError } from '../../core/errors.ts';
import { temporalAddress } from '../../tools/shared-temporal.ts';
import { GovernancePlugin } from './plugin.ts';
import { counting, plainlyCreated } from './plugin.test-support.ts';
import { binding, type Changes, plainBundle, testWorld } from './test-support.ts';

const activities = { echo: async (value: unknown) => value };

const world = testWorld({ activities });

const NOTHING = { ports: 0, patches: 0 };
const EVERYTHING = { ports: 1, patches: 1 };

const create = (more: Changes): Promise<Worker> => plainlyCreated(world, { activities, ...more });

const pluginBy = (binding: Binding, more: OpenBoxOptions = {}): GovernancePlugin =>
  new GovernancePlugin(binding, { openboxUrl: world.core.url, openboxApiKey: world.core.apiKey, ...more });

function thrownBy(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    return error;
  }
}

/** What of a plugin's options shows when: what is wrong at once, what is missing or refused with the worker. */
describe('bad input is refused, and leaves nothing behind', () => {
  test.each<[string, object, object]>([
    ['an unknown option', { governanceTimout: 1 }, { option: 'governanceTimout', message: expect.stringContaining('did you mean') as unknown }],
    ['a malformed key', { openboxApiKey: 'secret' }, { option: 'openboxApiKey' }],
    ['an insecure URL', { openboxUrl: 'http://core.example.com' }, { code: 'OPENBOX_URL_INSECURE' }],
    ['a bad value', { governancePolicy: 'open' }, { option: 'governancePolicy' }],
    ['no options', null as never, { code: 'OPENBOX_CONFIG_INVALID' }],
  ])('%s: by the constructor', (_what, options, expected) => {
    const thrown = thrownBy(() => new GovernancePlugin(binding, options));
    expect(thrown).toBeInstanceOf(OpenBoxConfigError);
    expect(thrown).toMatchObject(expected);
  });

  test.each<[string, OpenBoxOptions, object]>([
    ['a missing URL', { openboxUrl: undefined }, { option: 'openboxUrl' }],
    ['a missing key', { openboxApiKey: undefined }, { option: 'openboxApiKey' }],
    ['a Core that is not there', { openboxUrl: 'http://127.0.0.1:9' }, { code: 'OPENBOX_NETWORK_FAILED' }],
  ])('%s: by Worker.create', async (_what, options, expected) => {
    const counted = counting();
    await expect(create({ plugins: [pluginBy({ ...counted, env: () => ({}) }, options)] })).rejects.toMatchObject(expected);
    expect(counted.alive).toEqual(NOTHING);
  });

  test.each([401, 403])('a key that Core refuses with %s: by Worker.create', async (status) => {
    const counted = counting();
    await world.core.setPolicy({ rules: [{ when: { call: 'auth/validate' }, answer: { status, json: {} } }] });
    await expect(create({ plugins: [pluginBy(counted)] })).rejects.toMatchObject({ code: 'OPENBOX_AUTH_FAILED', option: 'openboxApiKey' });
    await world.core.setPolicy({});
    expect(counted.alive).toEqual(NOTHING);
  });

  test("what Temporal refuses: Temporal's own words", async () => {
    const counted = counting();
    await expect(create({ taskQueue: '', plugins: [pluginBy(counted)] })).rejects.toThrow('Task queue name is required');
    expect(counted.alive).toEqual(NOTHING);
  });

  describe('a later plugin that takes out our', () => {
    test.each<[string, () => Promise<Partial<WorkerOptions>>]>([
      ['bundle', async () => ({ workflowBundle: await plainBundle() })],
      ['interceptors', async () => ({ interceptors: {} })],
      ['patches', async () => ({ patchActivationCallback: () => true })],
      ['activities', async () => ({ activities })],
    ])('%s: by run, and no task is run', async (name, changesOf) => {
      const counted = counting();
      const changes = await changesOf();
      const later: WorkerPlugin = { name, configureWorker: (given) => ({ ...given, ...changes }) };
      const connection = await NativeConnection.connect({ address: await temporalAddress() });
      const worker = await create({ connection, plugins: [pluginBy(counted), later] });
      await expect(worker.run()).rejects.toMatchObject({ code: 'OPENBOX_CONFIG_INVALID', option: 'plugins' });
      expect(worker.getState()).toBe('STOPPED');
      expect(counted.alive).toEqual(NOTHING);
      // Would throw while a worker holds on to it.
      await connection.close();
    });

    test('plugins: no activity runs, and no event is allowed', async () => {
      const ran: unknown[] = [];
      const later: WorkerPlugin = { name: 'later', configureWorker: (given) => ({ ...given, plugins: [] }) };
      const worker = await create({ activities: { echo: async () => ran.push('ran') }, plugins: [pluginBy(binding), later] });
      const { taskQueue } = worker.options;
      const { failure } = await worker.runUntil(() => world.run('steps', [[{ activity: 'echo' }]], { taskQueue }));
      expect(failure?.at(-1)).toMatchObject({ type: 'OpenBoxConfigError', message: expect.stringContaining('has not begun') as unknown });
      expect(ran).toEqual([]);
    });
  });

  test('a start that fails after all ends the worker', async () => {
    const counted = counting();
    let installs = 0;
    const fails: Binding = {
      ...counted,
      install(...given) {
        const patched = counted.install(...given);
        return ++installs > 1 ? { ...patched, ready: Promise.reject(new Error('frozen by now')) } : patched;
      },
    };
    const worker = await create({ plugins: [pluginBy(fails)] });
    await expect(worker.run()).rejects.toThrow('frozen by now');
    expect(worker.getState()).toBe('STOPPED');
    expect(counted.alive).toEqual(NOTHING);
  });
});

describe('governance lives as long as the worker runs', () => {
  test('from its start to its end', async () => {
    const counted = counting();
    const worker = await create({ plugins: [pluginBy(counted)] });
    expect(counted.alive).toEqual(NOTHING);
    const running = worker.run();
    // As without us.
    expect(worker.getState()).toBe('RUNNING');
    await expect(worker.run()).rejects.toThrow('already started');
    expect(counted.alive).toEqual(EVERYTHING);
    worker.shutdown();
    await running;
    expect(counted.alive).toEqual(NOTHING);
  });

  test('also where what it runs until is there at once', async () => {
    const counted = counting();
    const worker = await create({ plugins: [pluginBy(counted)] });
    expect(await worker.runUntil(async () => 'done')).toBe('done');
    expect(counted.alive).toEqual(NOTHING);
  });

  test('also where the patches take their time: activities wait for them', async () => {
    const counted = counting();
    const order: string[] = [];
    let hasTask = (): boolean => true;
    const slow: Binding = {
      ...counted,
      install(...given) {
        const patched = counted.install(...given);
        const ready = async (): Promise<void> => {
          await patched.ready;
          while (!hasTask()) await setImmediate();
          order.push('patched');
        };
        return { ...patched, ready: ready() };
      },
    };
    const worker = await create({
      activities: { echo: async () => order.push('activity') },
      plugins: [pluginBy(slow, { sendStartEvent: false })],
    });
    hasTask = () => worker.getStatus().numInFlightActivities > 0;
    const { taskQueue } = worker.options;
    await worker.runUntil(() => world.run('steps', [[{ activity: 'echo' }]], { taskQueue }));
    // The first time is the rehearsal before the worker is created.
    expect(order).toEqual(['patched', 'patched', 'activity']);
    expect(counted.alive).toEqual(NOTHING);
  });

  test('for each worker on its own, by one plugin', async () => {
    const counted = counting();
    const plugins = [pluginBy(counted)];
    const [first, second] = [await create({ plugins }), await create({ plugins })];
    await first.runUntil(async () => {
      await second.runUntil(async () => expect(counted.alive).toEqual({ ports: 2, patches: 2 }));
      expect(counted.alive).toEqual(EVERYTHING);
    });
    expect(counted.alive).toEqual(NOTHING);
  });
});
