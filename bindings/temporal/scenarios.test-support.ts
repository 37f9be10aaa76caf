import { Client, type WorkflowHandle, WithStartWorkflowOperation } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { Worker } from '@temporalio/worker';
import { expect } from 'vitest';
import type { Answer, Rule } from '../../conformance/testing.ts';
import { initialize } from './initialize.ts';
import { completed, idle, kindsActivities, kindsBundle, kindsPath } from './kinds.test-support.ts';
import { atHook, atStart, binding, bundle, type Changes, ending, type Setting, unique, type World } from './test-support.ts';

/** Plays a workflow on a task queue until it has ended, or stands still. */
export type Scenario = (world: World, taskQueue: string) => Promise<WorkflowHandle>;

const BLOCK = { verdict: 'block', reason: 'not this one' };
const HALT = { verdict: 'halt', reason: 'stop everything' };
const ECHO = { activity: 'echo', args: [1] };
const ONCE = { retry: { maximumAttempts: 1 } };

const rule = (event_type: string, answer: Answer, times?: number): Rule => ({ when: { event_type }, answer, ...(times !== undefined && { times }) });

const run =
  (workflow: string, args: readonly unknown[], setting: Setting = {}, meanwhile?: (handle: WorkflowHandle, world: World) => Promise<unknown>): Scenario =>
  async (world, taskQueue) => {
    const handle = await world.start(workflow, args, { taskQueue, ...setting });
    await meanwhile?.(handle, world);
    await ending(handle);
    return handle;
  };

/** On a worker with other options than the world's. */
const by = (options: Changes, play: Scenario): Scenario => async (world) => {
  await using worker = await world.worker(options);
  return await play(world, worker.taskQueue);
};

/** The first run of a chain: its handle shows the last. */
const firstRun = (play: Scenario): Scenario => async (world, taskQueue) => {
  const { workflowId, firstExecutionRunId } = (await play(world, taskQueue)) as WorkflowHandle & { readonly firstExecutionRunId: string };
  return world.client.workflow.getHandle(workflowId, firstExecutionRunId);
};

/** A signal that comes while the end of a run that continues as new is asked about. */
const late = run('inbox', [{ wanted: 1, rolls: true }], { rules: [rule('WorkflowCompleted', { verdict: 'allow', delay_ms: 1000 }, 1)] }, async (handle, { core }) => {
  await handle.signal('add', 'in time');
  await core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowCompleted' });
  await handle.signal('add', 'late');
});

type Opens = (world: World, taskQueue: string) => Promise<AsyncDisposable>;
const FORGETS = { stickyQueueScheduleToStartTimeout: '100ms' };
const ours = (options: Changes = {}): Opens => (world, taskQueue) => world.worker({ taskQueue, ...FORGETS, ...options });

/** A worker without us. */
export const ungoverned: Opens = async ({ connection }, taskQueue) => {
  const workflowBundle = await bundle({ workflowsPath: kindsPath, workflowInterceptorModules: [] });
  const worker = await Worker.create({ connection, taskQueue, workflowBundle, activities: kindsActivities, ...FORGETS });
  const running = worker.run();
  return {
    async [Symbol.asyncDispose]() {
      worker.shutdown();
      await running;
    },
  };
};

/** Begins with one worker and goes on with another. */
const across = (first: Opens, second: Opens, setting: Setting = {}, meanwhile?: (handle: WorkflowHandle, world: World) => Promise<unknown>): Scenario => async (world) => {
  const taskQueue = unique('changing');
  const before = await first(world, taskQueue);
  const handle = await world.start('inbox', [{ wanted: 2, after: [ECHO] }], { taskQueue, ...setting });
  await handle.signal('add', 1);
  await handle.query('items');
  await before[Symbol.asyncDispose]();
  await using _after = await second(world, taskQueue);
  await handle.signal('add', 2);
  await meanwhile?.(handle, world);
  await handle.result();
  return handle;
};

/** Events that no worker can send. */
const undelivered = (governancePolicy: 'fail_open' | 'fail_closed'): Scenario => async (world) => {
  const { url, apiKey } = world.core;
  await using parts = await initialize(binding, { openboxUrl: url, openboxApiKey: apiKey, governancePolicy });
  const worker = await Worker.create({
    connection: world.connection,
    taskQueue: unique('lacking'),
    workflowBundle: await parts.prepareBundle(await kindsBundle()),
    activities: kindsActivities,
    interceptors: { activity: [...parts.interceptors.activity] },
  });
  return await worker.runUntil(() => run('steps', [[ECHO]])(world, worker.options.taskQueue));
};

const add = (...items: readonly unknown[]) => async (handle: WorkflowHandle): Promise<void> => {
  for (const item of items) await handle.signal('add', item);
};

const asks = (event_type: string, times?: number): Rule => rule(event_type, { verdict: 'require_approval', reason: 'please look' }, times);
const decide = (...decisions: readonly ('approve' | 'reject')[]) => async ({ workflowId }: WorkflowHandle, { core }: World): Promise<void> => {
  for (const decision of decisions) await core[decision]((await core.waitForApproval({ workflow_id: workflowId })).id);
};

const approve = (...granted: readonly (readonly unknown[])[]) => async ({ workflowId }: WorkflowHandle, { core }: World): Promise<void> => {
  for (const redactedInput of granted) await core.approve((await core.waitForApproval({ workflow_id: workflowId })).id, { redactedInput });
};

const busy = { wanted: 2, within: ECHO, after: [ECHO, { ...ECHO, local: true }], tells: { child: 'ends' } };
const BLOCKABLE = { wanted: 2, after: [{ ...ECHO, catches: true }], tells: { child: 'ends' } };

/** What needs no governance to be played: recorded with us and without us. */
export const PLAIN: Readonly<Record<string, Scenario>> = {
  'activity': run('steps', [[ECHO]]),
  'activity-cancelled': run('scoped', [{ activity: { heartbeatTimeout: '1s' } }], {}, async (handle) => {
    const runs = async (): Promise<unknown> => (await handle.describe()).raw.pendingActivities?.map(({ activityType }) => activityType?.name);
    await expect.poll(runs, { timeout: 10_000 }).toEqual(['patient']);
    await handle.signal('poke');
  }),
  'activity-ended-elsewhere': run('closes', ['returns'], {}, (handle, world) => completedSoon(world, handle)),
  'activity-fails': run('steps', [[{ activity: 'missing', options: ONCE }]]),
  'activity-timeout': run('steps', [[{ ...ECHO, options: { taskQueue: 'nobody-polls-this', scheduleToCloseTimeout: '300ms' }, catches: true }]]),
  'activities-in-parallel': run('together', [[ECHO, ECHO, { ...ECHO, local: true }]]),
  'burst': async (world, taskQueue) => run('bursts', [(await world.start('inbox', [{ wanted: 1 }], { taskQueue })).workflowId])(world, taskQueue),
  'cancelled': run('waits', [], {}, (handle) => handle.cancel()),
  'child': run('parent', ['ends', 'well']),
  'child-fails': run('parent', ['ends', 'application']),
  'continued-as-new': firstRun(run('rolls', [1, ECHO])),
  'fails': run('ends', ['chain']),
  'fails-by-an-error-of-its-options': run('strict', []),
  'fails-a-task': run('buggy', []),
  'handler-continues': firstRun(run('endsInHandler', [], {}, add('rolls'))),
  'handler-fails': run('endsInHandler', [], {}, add('application')),
  'local-activity': run('steps', [[{ ...ECHO, local: true }]]),
  'patch-of-the-user': run('patchy', []),
  'shielded': run('shielded', [], {}, async (handle) => {
    await idle(handle);
    await handle.cancel();
  }),
  'signals': run('inbox', [busy], {}, add('first', 'second')),
  'signal-starts': async (world, taskQueue) => {
    await run('ends', ['well'])(world, taskQueue);
    const options = { taskQueue, workflowId: unique('eager'), signal: 'add', signalArgs: ['early'] };
    const handle = await world.client.workflow.signalWithStart('eager', options);
    await handle.result();
    return handle;
  },
  'timeout': run('waits', [], { options: { workflowRunTimeout: '500ms' } }),
  'update': run('inbox', [{ wanted: 1, after: [ECHO] }], {}, (handle) => handle.executeUpdate('put', { args: [1] })),
  'update-starts': async (world, taskQueue) => {
    await run('ends', ['well'])(world, taskQueue);
    const options = { taskQueue, workflowId: unique('inbox'), args: [{ wanted: 1 }], workflowIdConflictPolicy: 'FAIL' } as const;
    const startWorkflowOperation = new WithStartWorkflowOperation('inbox', options);
    await world.client.workflow.executeUpdateWithStart('put', { args: ['early'], startWorkflowOperation });
    const handle = await startWorkflowOperation.workflowHandle();
    await handle.result();
    return world.client.workflow.getHandle(handle.workflowId);
  },
  'under-way': async (world, taskQueue) => {
    const handle = await world.start('inbox', [{ wanted: 2 }], { taskQueue });
    await handle.signal('add', 1);
    await idle(handle);
    return handle;
  },
};

async function completedSoon(world: World, handle: WorkflowHandle): Promise<void> {
  // Without us it is the first one.
  await Promise.any(['1', '2'].map((id) => completed(world, handle, 'from elsewhere', id)));
}

/** What only governance does. */
export const GOVERNED: Readonly<Record<string, Scenario>> = {
  'approval': run('steps', [[{ ...ECHO, options: ONCE }, ECHO]], { rules: [asks('ActivityStarted', 1)] }, decide('approve')),
  'approval-at-the-end': run('steps', [[ECHO, { ...ECHO, local: true }]], { rules: [asks('ActivityCompleted')] }, decide('approve', 'approve')),
  'approval-at-a-hook': run('steps', [[{ activity: 'hooked', args: [1] }, { activity: 'hooked', args: [2], local: true }]], { rules: [atHook('hooked')] }, decide('approve', 'approve')),
  'approval-changes-arguments': run('steps', [[{ activity: 'hooked', args: [1] }, { activity: 'hooked', args: [1], local: true }]], { rules: [atStart(), atHook('hooked')] }, async (handle, world) => {
    for (let step = 0; step < 2; step++) {
      await approve([2])(handle, world);
      await decide('approve')(handle, world);
    }
  }),
  'approval-expired': run('steps', [[{ ...ECHO, catches: true }, { ...ECHO, local: true, catches: true }]], { rules: [asks('ActivityStarted')] }, async ({ workflowId }, { core }) => {
    for (let step = 0; step < 2; step++) await core.expire((await core.waitForApproval({ workflow_id: workflowId })).id);
  }),
  'approval-mismatch': run('steps', [[{ activity: 'draws', catches: true }]], { rules: [atHook('draws', { approval_repeats: true })] }, decide('approve', 'approve', 'approve')),
  'approval-fallback': async (world) => {
    const taskQueue = unique('plain');
    await using _plain = await ungoverned(world, taskQueue);
    const options = { ...ONCE, taskQueue: world.taskQueue };
    return await run('steps', [[{ ...ECHO, options }]], { rules: [asks('ActivityStarted')] }, decide('approve'))(world, taskQueue);
  },
  'approval-under-way': across(ungoverned, ours(), { rules: [asks('ActivityStarted')] }, decide('approve')),
  'approvals-at-hooks-at-once': run('steps', [[{ activity: 'twice_hooked' }]], { rules: [atHook('one'), atHook('two')] }, decide('approve', 'approve')),
  'approval-cancelled': run('scoped', [{ activity: {} }], { rules: [asks('ActivityStarted', 1)] }, async (handle, world) => {
    await world.core.waitForEvent({ call: 'governance/approval', workflow_id: handle.workflowId });
    await handle.signal('poke');
  }),
  'approval-local': run('steps', [[{ ...ECHO, local: true }]], { rules: [asks('ActivityStarted')] }, decide('approve')),
  'approval-rejected': run('steps', [[{ ...ECHO, catches: true }, { ...ECHO, local: true, catches: true }]], { rules: [asks('ActivityStarted')] }, decide('reject', 'reject')),
  'approval-woken': by({ hitlPollIntervalMs: '20s' }, run('steps', [[ECHO]], { rules: [asks('ActivityStarted')] }, async (handle, world) => {
    await world.core.waitForEvent({ call: 'governance/approval', workflow_id: handle.workflowId });
    await decide('approve')(handle, world);
    await handle.signal('openbox_approval');
  })),
  'approvals-in-parallel': run('together', [[ECHO, ECHO, { ...ECHO, local: true }]], { rules: [asks('ActivityStarted')] }, decide('approve', 'approve', 'approve')),
  'activity-blocked': run('steps', [[{ ...ECHO, catches: true }, { ...ECHO, local: true, catches: true }]], { rules: [rule('ActivityStarted', BLOCK)] }),
  'activity-halted': run('steps', [[ECHO]], { rules: [rule('ActivityStarted', HALT)] }),
  'core-not-reachable': run('steps', [[ECHO]], { rules: [rule('WorkflowStarted', { status: 500, json: {} }, 9)] }),
  'end-blocked': run('ends', ['well'], { rules: [rule('WorkflowCompleted', BLOCK)] }),
  'events-undelivered-fail-closed': undelivered('fail_closed'),
  'events-undelivered-fail-open': undelivered('fail_open'),
  'key-refused': run('steps', [[ECHO]], { rules: [rule('WorkflowStarted', { status: 401, json: {} }, 4)] }),
  'signals-blocked': run('inbox', [BLOCKABLE], { rules: [rule('SignalReceived', { ...BLOCK, delay_ms: 100 })] }, add(1, 2)),
  'signal-blocks-the-next-run': firstRun(run('inbox', [{ wanted: 1, rolls: true }], { rules: [rule('SignalReceived', BLOCK)] }, add(1))),
  'signal-halted': run('inbox', [{ wanted: 9 }], { rules: [rule('SignalReceived', HALT)] }, add(1)),
  'signal-skipped': by({ skipSignals: ['add'] }, run('inbox', [{ wanted: 1, after: [ECHO] }], {}, add(1))),
  'skipped': by({ enforceTaskQueues: ['elsewhere'] }, run('steps', [[ECHO]])),
  'start-event-off': by({ sendStartEvent: false }, run('inbox', [{ wanted: 1, after: [ECHO] }], {}, add(1))),
  'switched-off-under-way': across(ours(), ours({ enforceTaskQueues: ['elsewhere'] })),
  'switched-on-under-way': across(ours({ enforceTaskQueues: ['elsewhere'] }), ours()),
  'installed-under-way': across(ungoverned, ours()),
  'late-signal': firstRun(late),
  'late-signal-carried': late,
  'policy-changed-under-way': across(ours(), ours({ governancePolicy: 'fail_closed' })),
  'traced': (world, taskQueue) => {
    const traceparent = defaultPayloadConverter.toPayload('00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01');
    const client = new Client({
      connection: world.connection,
      interceptors: { workflow: [{ start: (input, next) => next({ ...input, headers: { ...input.headers, traceparent } }) }] },
    });
    return run('steps', [[ECHO, { ...ECHO, local: true }]], { client })(world, taskQueue);
  },
  'update-blocked': run('inbox', [{ wanted: 1, after: [ECHO] }], { rules: [{ when: { signal_name: 'put' }, answer: BLOCK }] }, async (handle) => {
    await handle.executeUpdate('put', { args: [1] }).catch(() => undefined);
    await handle.signal('add', 'fine');
  }),
};
