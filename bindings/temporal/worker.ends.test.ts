import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { describe, expect, test } from 'vitest';
import type { Rule } from '../../conformance/testing.ts';
import { idle, kindsActivities, kindsBundle, replays } from './kinds.test-support.ts';
import { ending, historyText, stepsOf, testContract, testWorld, unique } from './test-support.ts';

const activities = {
  ...kindsActivities,
  /** Never beats. */
  silent: () => Context.current().sleep('30s'),
};

const world = testWorld({ activities, workflowBundle: await kindsBundle() });

const asked = async ({ workflowId }: WorkflowHandle): Promise<readonly string[]> => stepsOf(await world.asked(workflowId));

describe('the scope of an activity is cancelled', () => {
  const AFTER = ['ActivityStarted echo', 'ActivityCompleted echo', 'WorkflowCompleted'];

  test.each(['WAIT_CANCELLATION_COMPLETED', 'TRY_CANCEL', 'ABANDON'])('%s: the same as without us, and what comes after is governed', async (cancellationType) => {
    const handle = await world.start('scoped', [{ activity: { cancellationType, heartbeatTimeout: '1s' } }]);
    await world.core.waitForEvent({ workflow_id: handle.workflowId, activity_type: 'patient' });
    await handle.signal('poke');
    expect(await handle.result()).toEqual([['ActivityFailure', 'CancelledFailure'], 'after']);
    const steps = await asked(handle);
    expect(steps.filter((step) => !step.endsWith('patient'))).toEqual(['WorkflowStarted', 'SignalReceived poke', ...AFTER]);
    // An abandoned activity does not hear of it before its workflow has ended.
    const { body } = await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'ActivityCompleted', activity_type: 'patient' });
    expect(body).toMatchObject({ status: 'failed', error: { type: 'CancelledFailure' } });
    await replays(handle);
  });

  test('before it is scheduled, while the start of the workflow is asked about: it never is', async () => {
    const slow = { when: { event_type: 'WorkflowStarted' }, answer: { verdict: 'allow', delay_ms: 700 } };
    const handle = await world.start('scoped', [{ activity: {} }], { rules: [slow] });
    await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowStarted' });
    await handle.signal('poke');
    expect(await handle.result()).toMatchObject([expect.arrayContaining(['CancelledFailure']), 'after']);
    expect(await asked(handle)).toEqual(['WorkflowStarted', 'SignalReceived poke', ...AFTER]);
    await replays(handle);
  });
});

describe('the scope of a child is cancelled', () => {
  test.each(['WAIT_CANCELLATION_COMPLETED', 'WAIT_CANCELLATION_REQUESTED', 'TRY_CANCEL', 'ABANDON'])('%s', async (cancellationType) => {
    const childId = unique('child');
    const handle = await world.start('scoped', [{ child: { workflowId: childId, cancellationType, parentClosePolicy: 'REQUEST_CANCEL' } }]);
    await world.core.waitForEvent({ workflow_id: childId, event_type: 'WorkflowStarted' });
    await handle.signal('poke');
    expect(await handle.result()).toEqual([['ChildWorkflowFailure', 'CancelledFailure'], 'after']);
    const child = world.client.workflow.getHandle(childId);
    expect(await ending(child)).toMatchObject({ failure: [{ name: 'CancelledFailure' }] });
    expect(await asked(child)).toEqual(['WorkflowStarted', 'WorkflowFailed']);
    await replays(handle);
    await replays(child);
  });
});

test('a child that fails: both tell their ends, and its parent is who it is', async () => {
  const handle = await world.start('parent', ['ends', 'application']);
  expect(await handle.result()).toMatchObject({ failed: [{ name: 'ChildWorkflowFailure' }, { type: 'OrderRejected' }] });
  expect(await asked(handle)).toEqual(['WorkflowStarted', 'WorkflowCompleted']);
  const child = (await world.core.events()).map(({ body }) => body).filter(({ workflow_type }) => workflow_type === 'ends');
  expect(stepsOf(child)).toEqual(['WorkflowStarted', 'WorkflowFailed']);
});

test('a cancelled workflow runs what it shields, governed, and tells its end as CancelledFailure only if it fails so', async () => {
  const handle = await world.start('shielded', []);
  await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'ActivityCompleted' });
  await handle.cancel();
  expect(await handle.result()).toEqual(['shielded', 'cleaned up']);
  const echo = ['ActivityStarted echo', 'ActivityCompleted echo'];
  expect(await asked(handle)).toEqual(['WorkflowStarted', ...echo, ...echo, 'WorkflowCompleted']);
  await replays(handle);
});

test('a workflow that is cancelled while its start is asked about ends as cancelled', async () => {
  const slow = { when: { event_type: 'WorkflowStarted' }, answer: { verdict: 'allow', delay_ms: 500 } };
  const handle = await world.start('steps', [[{ activity: 'echo', args: [1] }]], { rules: [slow] });
  await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowStarted' });
  await handle.cancel();
  expect(await ending(handle)).toMatchObject({ failure: [{ name: 'CancelledFailure' }] });
  expect(await asked(handle)).toEqual(['WorkflowStarted', 'WorkflowFailed']);
  await replays(handle);
});

describe('a timeout of an activity', () => {
  const ONCE = { retry: { maximumAttempts: 1 } };
  const NOBODY = { taskQueue: 'nobody-polls-this' };

  test.each<[string, string, object, readonly string[]]>([
    ['start to close', 'silent', { startToCloseTimeout: '400ms', ...ONCE }, ['ActivityStarted silent']],
    ['heartbeat', 'silent', { heartbeatTimeout: '400ms', ...ONCE }, ['ActivityStarted silent']],
    ['schedule to start', 'echo', { scheduleToStartTimeout: '400ms', ...NOBODY }, []],
    ['schedule to close', 'echo', { scheduleToCloseTimeout: '400ms', ...NOBODY }, []],
  ])('%s: fails as without us', async (_kind, activity, options, started) => {
    const handle = await world.start('steps', [[{ activity, options, catches: true }, { activity: 'echo', args: ['after'] }]]);
    expect(await handle.result()).toMatchObject([{ failed: [{ name: 'ActivityFailure' }, { name: 'TimeoutFailure' }] }, 'after']);
    const steps = await asked(handle);
    expect(steps.filter((step) => step !== `ActivityCompleted silent`)).toEqual([
      'WorkflowStarted',
      ...started,
      'ActivityStarted echo',
      'ActivityCompleted echo',
      'WorkflowCompleted',
    ]);
    await replays(handle);
  });

  test('that ends while its start is asked about: it never runs', async () => {
    const slow = { when: { event_type: 'ActivityStarted', activity_type: 'silent' }, answer: { verdict: 'allow', delay_ms: 20_000 } };
    const handle = await world.start('steps', [[{ activity: 'silent', options: { startToCloseTimeout: '500ms', ...ONCE }, catches: true }]], { rules: [slow] });
    const [ended] = (await handle.result()) as [{ readonly failed: readonly { readonly name: string }[] }];
    expect(ended.failed[0]?.name).toBe('ActivityFailure');
    expect(await asked(handle)).toEqual(['WorkflowStarted', 'ActivityStarted silent', 'WorkflowCompleted']);
    await replays(handle);
  });
});

describe('a timeout of a workflow', () => {
  test.each([['run', { workflowRunTimeout: '700ms' }], ['execution', { workflowExecutionTimeout: '700ms' }]])('%s: it ends at once, and there is nobody left to tell', async (_kind, options) => {
    const handle = await world.start('waits', [], { options });
    expect(await ending(handle)).toMatchObject({ failure: [{ name: 'TimeoutFailure' }] });
    expect(await asked(handle)).toEqual(['WorkflowStarted']);
    await replays(handle);
  });

  test('of a child: its parent goes on', async () => {
    const handle = await world.start('scoped', [{ child: { workflowRunTimeout: '700ms' } }]);
    await world.core.waitForEvent({ workflow_type: 'waits', event_type: 'WorkflowStarted' });
    const child = (await world.core.events()).find(({ body }) => body.workflow_type === 'waits')?.body.workflow_id;
    await ending(world.client.workflow.getHandle(String(child)));
    await handle.signal('poke');
    expect(await handle.result()).toEqual([['ChildWorkflowFailure', 'TimeoutFailure'], 'after']);
    await replays(handle);
  });
});

test('a workflow that is tried again tells each of its runs', async () => {
  const retry = { maximumAttempts: 2, initialInterval: '10ms' };
  const handle = await world.start('steps', [[{ activity: 'missing', options: { retry: { maximumAttempts: 1 } } }]], { options: { retry } });
  expect(await ending(handle)).toMatchObject({ failure: [{ name: 'ActivityFailure' }, {}] });
  const told = (await world.asked(handle.workflowId)).filter(({ event_type }) => event_type?.startsWith('Workflow'));
  expect(stepsOf(told)).toEqual(['WorkflowStarted', 'WorkflowFailed', 'WorkflowStarted', 'WorkflowFailed']);
  expect(new Set(told.map(({ run_id }) => run_id)).size).toBe(2);
});

describe('a workflow that its function and a handler end both', () => {
  const slow = (event_type: string): Rule => ({ when: { event_type }, answer: { verdict: 'allow', delay_ms: 1000 } });

  test.each(['calls', 'returns'])('ends as the handler said, whose end came first; nothing more goes out: %s', async (how) => {
    const handle = await world.start('endsBoth', [how], { rules: [slow('WorkflowFailed')] });
    await handle.signal('add', 1);
    expect(await ending(handle)).toMatchObject({ failure: [{ message: 'by the handler' }] });
    expect(await asked(handle)).toEqual(['WorkflowStarted', 'SignalReceived add', 'WorkflowFailed']);
    await replays(handle);
  });

  test('ends as the function said, whose end came first', async () => {
    const handle = await world.start('endsBoth', ['returns'], { rules: [slow('WorkflowCompleted')] });
    await handle.signal('poke');
    await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowCompleted' });
    await handle.signal('add', 1);
    expect(await handle.result()).toBe('by the function');
    await replays(handle);
  });
});

test('a workflow task that fails at a signal is tried again, and the signal is told once', async () => {
  const handle = await world.start('stumbles', []);
  await world.core.waitForEvent({ workflow_id: handle.workflowId, event_type: 'WorkflowStarted' });
  // The signal and the task that fails with it.
  await handle.signal('add', (await idle(handle)) + 3);
  expect(await handle.result()).toEqual(['add']);
  expect(await historyText(handle)).toContain('a bug');
  expect(await asked(handle)).toEqual(['WorkflowStarted', 'SignalReceived add', 'WorkflowCompleted']);
});

testContract(world);
