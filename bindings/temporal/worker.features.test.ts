import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ActivityHandle } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, Worker, type WorkerPlugin } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../tools/temporary-folder.ts';
import { initialize } from './initialize.ts';
import type { OpenBoxWorkerOptions } from './options.ts';
import { binding, chainOf, stepsOf, testBundle, testWorld, unique, workerOptions, workflowsPath } from './test-support.ts';
import { createOpenBoxWorker } from './worker.ts';

const activities = { echo: async (value: unknown) => value };

const world = testWorld({ activities });

const options = (more: object = {}): Promise<OpenBoxWorkerOptions> => workerOptions(world, { activities, ...more });

describe('what the user brings works on', () => {
  test('workflows by path, activity and workflow interceptors, own patches', async () => {
    const seen: unknown[] = [];
    const patches: string[] = [];
    const given = await options({ workflowBundle: undefined, workflowsPath });
    const worker = await createOpenBoxWorker(binding, {
      ...given,
      interceptors: {
        workflowModules: [workflowsPath],
        activity: [
          ({ info }) => (info.activityType === 'echo' ? { inbound: { execute: (input, next) => (seen.push(input.args), next(input)) } } : {}),
        ],
      },
      patchActivationCallback: ({ patchId }) => patches.push(patchId) > 1,
    });
    await worker.runUntil(async () => {
      const redacted = { input_type: 'activity_input', redacted_input: ['[REDACTED]'] };
      const ran = await world.run('steps', [[{ activity: 'echo', args: ['secret'] }]], {
        taskQueue: given.taskQueue,
        rules: [{ when: { event_type: 'ActivityStarted' }, answer: { verdict: 'allow', guardrails_result: redacted } }],
      });
      expect(ran.result).toEqual({ intercepted: ['[REDACTED]'] });
      // Ours come first: theirs see what really runs, and Core what really came out.
      expect(seen).toEqual([['[REDACTED]']]);
      expect(ran.asked.at(-1)).toMatchObject({ workflow_output: { intercepted: ['[REDACTED]'] } });
      expect((await world.run('patchy', [], { taskQueue: given.taskQueue })).result).toEqual({ intercepted: false });
    });
    expect(patches).toEqual(['the-users-own']);
  });

  test('a bundle by path', async () => {
    const codePath = join(temporaryFolder(), 'bundle.js');
    await writeFile(codePath, (await testBundle()).code);
    const given = await options({ workflowBundle: { codePath } });
    const worker = await createOpenBoxWorker(binding, given);
    await worker.runUntil(async () => {
      expect((await world.run('patchy', [], { taskQueue: given.taskQueue })).result).toBe(true);
    });
  });

  test('a plugin that adds interceptors', async () => {
    const seen: string[] = [];
    const plugin: WorkerPlugin = {
      name: 'adds',
      configureWorker: (given) => ({
        ...given,
        interceptors: { ...given.interceptors, activity: [({ info }) => (seen.push(info.activityType), {}), ...(given.interceptors?.activity ?? [])] },
      }),
    };
    const given = await options({ plugins: [plugin] });
    const worker = await createOpenBoxWorker(binding, given);
    await worker.runUntil(async () => {
      const ran = await world.run('steps', [[{ activity: 'echo', args: [1] }]], { taskQueue: given.taskQueue });
      expect(stepsOf(ran.asked)).toContain('ActivityStarted echo');
    });
    expect(seen).toContain('echo');
    expect(given.plugins).toEqual([plugin]);
  });

  test('activities that no workflow scheduled: each its own workflow to Core', async () => {
    const given = await options({ workflowBundle: undefined });
    const worker = await createOpenBoxWorker(binding, given);
    const start = (id: string): Promise<ActivityHandle<unknown>> =>
      world.client.activity.start('echo', { id, taskQueue: given.taskQueue, args: ['alone'], startToCloseTimeout: '10s' });
    await worker.runUntil(async () => {
      const stopped = unique('halted');
      await world.core.setPolicy({ rules: [{ when: { workflow_id: stopped }, answer: { verdict: 'halt', reason: 'stop everything' } }] });
      const id = unique('alone');
      expect(await (await start(id)).result()).toBe('alone');
      const asked = await world.asked(id);
      expect(stepsOf(asked)).toEqual(['ActivityStarted echo', 'ActivityCompleted echo']);
      expect(asked[0]).toMatchObject({ workflow_id: id, activity_id: id, workflow_type: 'echo', activity_type: 'echo' });

      const handle = await start(stopped);
      const error: unknown = await handle.result().catch((failure: unknown) => failure);
      expect(chainOf((error as Error).cause)).toMatchObject([{ name: 'TerminatedFailure', message: 'Governance HALT: stop everything' }]);
    });
  });

  test('the parts, for those who call Worker.create themselves', async () => {
    const taskQueue = unique('parts');
    await using parts = await initialize(binding, { openboxUrl: world.core.url, openboxApiKey: world.core.apiKey });
    const { workflowInterceptorModules, patchActivationCallback, interceptors } = parts;
    const bundle = await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules: [...workflowInterceptorModules], logger: new DefaultLogger('ERROR') });
    const worker = await Worker.create({
      connection: world.connection,
      taskQueue,
      workflowBundle: await parts.prepareBundle(bundle),
      activities: { ...activities, ...parts.activities },
      interceptors: { activity: [...interceptors.activity] },
      patchActivationCallback,
    });
    await worker.runUntil(async () => {
      const ran = await world.run('steps', [[{ activity: 'echo', args: [1] }]], { taskQueue });
      expect(stepsOf(ran.asked)).toEqual(['WorkflowStarted', 'ActivityStarted echo', 'ActivityCompleted echo', 'WorkflowCompleted']);
    });
  });
});

describe('what is governed', () => {
  test('not the start events, where they are switched off', async () => {
    await using quiet = await world.worker({ sendStartEvent: false, sendActivityStartEvent: false });
    const ran = await world.run('steps', [[{ activity: 'echo', args: [1] }]], { taskQueue: quiet.taskQueue });
    expect(stepsOf(ran.asked)).toEqual(['ActivityCompleted echo', 'WorkflowCompleted']);
  });

  test('not the types that are skipped', async () => {
    await using skips = await world.worker({ skipWorkflowTypes: ['ends'], skipActivityTypes: ['echo'] });
    const ran = await world.run('parent', ['ends', 'well'], { taskQueue: skips.taskQueue });
    expect(stepsOf(ran.asked)).toEqual(['WorkflowStarted', 'WorkflowCompleted']);
    const events = await world.core.events();
    expect(events.filter(({ body }) => body.workflow_type === 'ends')).toEqual([]);
    const skipped = await world.run('steps', [[{ activity: 'echo', args: [1] }]], { taskQueue: skips.taskQueue });
    expect(stepsOf(skipped.asked)).toEqual(['WorkflowStarted', 'WorkflowCompleted']);
  });

  test('only the task queues that are enforced', async () => {
    await using elsewhere = await world.worker({ enforceTaskQueues: ['elsewhere'] });
    const ran = await world.run('steps', [[{ activity: 'echo', args: [1] }]], { taskQueue: elsewhere.taskQueue });
    expect(ran.result).toEqual([1]);
    expect(ran.asked).toEqual([]);
    expect((await ran.handle.fetchHistory()).events).toHaveLength(11);
    const message = `Task queue "${elsewhere.taskQueue}" is not among enforceTaskQueues ("elsewhere"): its workflows and activities run unasked`;
    expect(world.lines).toContainEqual(expect.objectContaining({ level: 'warn', message }));
    expect(world.lines.filter(({ message: said }) => said.includes(`"${world.taskQueue}"`))).toEqual([]);
  });

  test('by each worker with its own key (fault: workers-share-configuration)', async () => {
    await using other = await world.worker({ openboxApiKey: 'obx_live_other' });
    await world.core.clear();
    const both = await Promise.all([world.taskQueue, other.taskQueue].map((taskQueue) => {
      const workflowId = unique('both');
      return world.client.workflow.execute('ends', { taskQueue, workflowId, args: ['well'] }).then(() => workflowId);
    }));
    const events = await world.core.events();
    const keysOf = (id: string | undefined): readonly unknown[] =>
      events.filter(({ body }) => body.workflow_id === id).map(({ headers }) => headers['authorization']);
    expect(both.map(keysOf)).toEqual([world.core.apiKey, 'obx_live_other'].map((key) => [`Bearer ${key}`, `Bearer ${key}`]));
  });
});
