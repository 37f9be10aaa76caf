import { setImmediate } from 'node:timers/promises';
import { temporal } from '@temporalio/proto';
import { NativeConnection, type NativeConnectionPlugin, type WorkerOptions, type WorkerPlugin } from '@temporalio/worker';
import { describe, expect, test, vi } from 'vitest';
import { OpenBoxConfigError } from '../../core/errors.ts';
import { deferred } from '../../core/test-support.ts';
import { temporalAddress } from '../../tools/shared-temporal.ts';
import type { OpenBoxWorkerOptions } from './options.ts';
import { counting } from './plugin.test-support.ts';
import { binding, plainBundle, stepsOf, testWorld, unique, workerOptions } from './test-support.ts';
import { createOpenBoxWorker } from './worker.ts';

const { EventType } = temporal.api.enums.v1;
const slowRuns = deferred<void>();
const slowEnds = deferred<string>();
const activities = {
  echo: async (value: unknown) => value,
  async slow() {
    slowRuns.resolve();
    return slowEnds.promise;
  },
};

const world = testWorld({ activities });

const options = (more: object = {}): Promise<OpenBoxWorkerOptions> => workerOptions(world, { activities, ...more });

/** What `createOpenBoxWorker` threw; checks that nothing was left behind. */
async function refused(given: OpenBoxWorkerOptions): Promise<Error> {
  const counted = counting();
  const error: unknown = await createOpenBoxWorker(counted, given).catch((failure: unknown) => failure);
  expect(error).toBeInstanceOf(Error);
  expect(counted.alive).toEqual({ ports: 0, patches: 0 });
  return error as Error;
}

describe('bad input is refused, and leaves nothing behind', () => {
  test.each<[string, object, object]>([
    ['an unknown option', { governanceTimout: 1 }, { option: 'governanceTimout', message: expect.stringContaining('did you mean "governanceTimeout"?') as unknown }],
    ["an unknown option near Temporal's", { taskQueu: 'x' }, { option: 'taskQueu', message: expect.stringContaining('did you mean "taskQueue"?') as unknown }],
    ['a missing URL', { openboxUrl: undefined }, { option: 'openboxUrl' }],
    ['a missing key', { openboxApiKey: undefined }, { option: 'openboxApiKey' }],
    ['a malformed key', { openboxApiKey: 'secret' }, { option: 'openboxApiKey', code: 'OPENBOX_CONFIG_INVALID' }],
    ['an insecure URL', { openboxUrl: 'http://core.example.com' }, { code: 'OPENBOX_URL_INSECURE' }],
    ['a bad value', { governancePolicy: 'open' }, { option: 'governancePolicy' }],
    ['an empty list of task queues', { enforceTaskQueues: [] }, { option: 'enforceTaskQueues' }],
    ['a Core that is not there', { openboxUrl: 'http://127.0.0.1:9' }, { code: 'OPENBOX_NETWORK_FAILED' }],
  ])('%s', async (_what, more, expected) => {
    const error = await refused(await options(more));
    expect(error).toBeInstanceOf(OpenBoxConfigError);
    expect(error).toMatchObject(expected);
  });

  test.each([[undefined], [null], ['text']])('options that are %s', async (given) => {
    expect(await refused(given as unknown as OpenBoxWorkerOptions)).toMatchObject({ code: 'OPENBOX_CONFIG_INVALID' });
  });

  test.each([401, 403])('a key that Core refuses with %s', async (status) => {
    await world.core.setPolicy({ rules: [{ when: { call: 'auth/validate' }, answer: { status, json: {} } }] });
    expect(await refused(await options())).toMatchObject({ code: 'OPENBOX_AUTH_FAILED', option: 'openboxApiKey' });
    await world.core.setPolicy({});
  });

  test('a bundle made without our interceptors', async () => {
    const error = await refused(await options({ workflowBundle: await plainBundle() }));
    expect(error).toMatchObject({ option: 'workflowBundle', message: expect.stringContaining('workflowInterceptorModules') as unknown });
  });

  test('a bundle that is not there', async () => {
    expect(await refused(await options({ workflowBundle: { codePath: '/nowhere.js' } }))).toMatchObject({ code: 'ENOENT' });
  });

  test('workflows that are not there', async () => {
    expect(await refused(await options({ workflowBundle: undefined, workflowsPath: '/nowhere.ts' }))).toMatchObject({ code: 'ENOENT' });
  });

  test("no task queue: Temporal's own words", async () => {
    expect((await refused(await options({ taskQueue: '' }))).message).toBe('Task queue name is required');
  });

  test.each<[string, Partial<OpenBoxWorkerOptions>]>([
    ['bundle', { workflowBundle: { code: '' } }],
    ['interceptors', { interceptors: {} }],
    ['patches', { patchActivationCallback: () => true }],
    ['activities', { activities }],
  ])('a plugin that replaces our %s', async (name, changes) => {
    const changed = 'workflowBundle' in changes ? { workflowBundle: await plainBundle() } : changes;
    const plugin: WorkerPlugin = { name, configureWorker: (given) => ({ ...given, ...changed }) };
    expect(await refused(await options({ plugins: [plugin] }))).toMatchObject({ option: 'plugins' });
  });

  describe('a plugin that would leave a task ungoverned, and the task waits on', () => {
    test('among the options: no worker was made', async () => {
      const { plugin, ran } = slowPlugin((given) => ({ ...given, interceptors: {} }));
      const given = await options({ plugins: [plugin] });
      const unrun = await waitingTask(given);
      expect(await refused(given)).toMatchObject({ option: 'plugins' });
      expect(ran).toEqual([]);
      await unrun();
    });

    test('of the connection: the worker that was made runs nothing', async () => {
      const { plugin } = slowPlugin((given) => ({ ...given, interceptors: {} }));
      const connection = await NativeConnection.connect({ address: await temporalAddress(), plugins: [plugin] });
      const given = await options({ connection });
      const unrun = await waitingTask(given);
      expect(await refused(given)).toMatchObject({ option: 'plugins' });
      await unrun();
      await connection.close();
    });
  });

  test('a Temporal server that is not there', async () => {
    const connect = vi.spyOn(NativeConnection, 'connect').mockRejectedValueOnce(new Error('nobody there'));
    expect((await refused(await options({ connection: undefined }))).message).toMatch(/No Temporal server answers at localhost:7233.*give a connection/);
    connect.mockRestore();
  });

  test('and a connection of our own is closed where a later step fails', async () => {
    const own = await NativeConnection.connect({ address: await temporalAddress() });
    const close = vi.spyOn(own, 'close');
    const connect = vi.spyOn(NativeConnection, 'connect').mockResolvedValueOnce(own);
    await refused(await options({ connection: undefined, taskQueue: '' }));
    expect(close).toHaveBeenCalledOnce();
    connect.mockRestore();
  });

  test('after all of these nobody but the running worker holds on to the connection', () => {
    const holders = (world.connection as unknown as { readonly referenceHolders: Set<unknown> }).referenceHolders;
    expect(holders.size).toBe(1);
  });
});

/** A plugin that lets a worker run only after a while. */
function slowPlugin(configureWorker: (given: WorkerOptions) => WorkerOptions = (given) => given): { readonly plugin: WorkerPlugin & NativeConnectionPlugin; readonly ran: string[] } {
  const ran: string[] = [];
  const plugin: WorkerPlugin & NativeConnectionPlugin = {
    name: 'slow',
    configureWorker,
    async runWorker(worker, next) {
      ran.push(worker.options.taskQueue);
      await setImmediate();
      await next(worker);
    },
  };
  return { plugin, ran };
}

/** A workflow whose first task waits for a worker; returns what checks that none has run it. */
async function waitingTask({ taskQueue }: OpenBoxWorkerOptions): Promise<() => Promise<void>> {
  const handle = await world.client.workflow.start('ends', { taskQueue, workflowId: unique('waiting'), args: ['well'] });
  return async () => {
    const { events } = await handle.fetchHistory();
    await handle.terminate();
    const types = events?.map(({ eventType }) => eventType);
    expect(types).toContain(EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED);
    expect(types).not.toContain(EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED);
  };
}

describe('a worker and its end', () => {
  test('runs until it is told to stop, and closes what it opened', async () => {
    const counted = counting();
    const worker = await createOpenBoxWorker(counted, await options());
    expect(worker.getState()).toBe('INITIALIZED');
    expect(counted.alive).toEqual({ ports: 1, patches: 1 });
    const running = worker.run();
    expect(worker.getState()).toBe('RUNNING');
    await expect(worker.run()).rejects.toThrow('already started');
    worker.shutdown();
    await running;
    expect(worker.getState()).toBe('STOPPED');
    expect(counted.alive).toEqual({ ports: 0, patches: 0 });
    await worker.close();
  });

  test('runs until something has happened, and returns it', async () => {
    const counted = counting();
    const worker = await createOpenBoxWorker(counted, await options());
    expect(await worker.runUntil(async () => 'done')).toBe('done');
    expect(counted.alive).toEqual({ ports: 0, patches: 0 });
  });

  test('closes without ever having run', async () => {
    const counted = counting();
    {
      await using worker = await createOpenBoxWorker(counted, await options());
      expect(worker.coverageReport()).toContainEqual(expect.objectContaining({ route: 'fetch', state: 'governed' }));
    }
    expect(counted.alive).toEqual({ ports: 0, patches: 0 });
  });

  test('closes without ever having run, whatever its plugins do around a run', async () => {
    const given = await options({ plugins: [slowPlugin().plugin] });
    const unrun = await waitingTask(given);
    const worker = await createOpenBoxWorker(binding, given);
    await worker.close();
    expect(worker.getState()).toBe('STOPPED');
    await unrun();
  });

  test('an own connection is closed with it', async () => {
    const own = await NativeConnection.connect({ address: await temporalAddress() });
    const close = vi.spyOn(own, 'close');
    const connect = vi.spyOn(NativeConnection, 'connect').mockResolvedValueOnce(own);
    const worker = await createOpenBoxWorker(binding, await options({ connection: undefined }));
    connect.mockRestore();
    await worker.runUntil(async () => {});
    expect(close).toHaveBeenCalledOnce();
  });

  test('reports go out before it stops', async () => {
    const { taskQueue, ...rest } = await options({ shutdownGraceTime: '20s' });
    const worker = await createOpenBoxWorker(binding, { taskQueue, ...rest });
    const running = worker.run();
    const handle = await world.start('steps', [[{ activity: 'slow' }]], {
      taskQueue,
      rules: [{ when: { event_type: 'ActivityCompleted' }, answer: { verdict: 'allow', delay_ms: 300 } }],
    });
    await slowRuns.promise;
    const closing = worker.close();
    slowEnds.resolve('slow');
    await closing;
    await running;
    expect(worker.getState()).toBe('STOPPED');
    expect(stepsOf(await world.asked(handle.workflowId))).toContain('ActivityCompleted slow');
    await handle.terminate();
  });
});
