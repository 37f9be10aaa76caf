import { ApplicationFailure } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import type { OpenBoxOptions } from '../../core/config.ts';
import { EVENT_ACTIVITY } from '../../core/event.ts';
import type { CannedAnswer } from '../../core/ports/fetch.ts';
import { ALLOW, type TestGovernor, testGovernor } from '../../core/test-support.ts';
import { createEventActivity } from './event-activity.ts';
import type { EventAnswer, EventInput } from './workflow/protocol.ts';

const INPUT: EventInput = {
  event: { event_type: 'WorkflowStarted', workflow_id: 'wf-1', run_id: 'run-1', workflow_type: 'Agent', task_queue: 'q', activity_input: [] },
  timeoutMs: 1000,
  policy: 'fail_open',
  firstExecutionRunId: 'run-0',
};

const down: CannedAnswer = { status: 500, json: {} };
const refused: CannedAnswer = { status: 401, json: {} };

function send(answer: CannedAnswer, attempt: number, input: EventInput = INPUT, options: OpenBoxOptions = {}): { readonly test: TestGovernor; readonly sent: Promise<unknown> } {
  const governor = testGovernor(() => answer, options);
  const environment = new MockActivityEnvironment({ attempt }, { logger: new DefaultLogger('ERROR') });
  const activity = createEventActivity(governor.governor)[EVENT_ACTIVITY];
  const sent = environment.run<[EventInput], unknown, (input: EventInput) => Promise<unknown>>(activity, input);
  return { test: governor, sent: sent.catch((error: unknown) => error) };
}

test('stamps the time, and tells nothing but the event', async () => {
  const { test: governor, sent } = send(ALLOW, 1);
  expect(await sent).toEqual({ verdict: 'allow' } satisfies EventAnswer);
  expect(governor.asked().map(({ body }) => body)).toEqual([{ source: 'workflow-telemetry', ...INPUT.event, timestamp: '2026-01-01T00:00:00.000Z' }]);
});

test.each<[CannedAnswer, EventAnswer]>([
  [{ json: { verdict: 'block', reason: 'no', policy_id: 'p' } }, { verdict: 'block', reason: 'no', policyId: 'p' }],
  [{ json: { verdict: 'require_approval', reason: 'ask' } }, { verdict: 'block', reason: 'OpenBox Core wants an approval, which nobody can wait for at WorkflowStarted: ask' }],
  [{ json: { verdict: 'constrain' } }, { verdict: 'allow' }],
])('%j becomes %j', async (answer, expected) => {
  expect(await send(answer, 1).sent).toEqual(expected);
});

test("what is logged of a signal's answer names it, its workflow and its run", async () => {
  const signal = { ...INPUT, event: { event_type: 'SignalReceived', workflow_id: 'wf-1', run_id: 'run-1', workflow_type: 'listener', task_queue: 'q', signal_name: 'poke', signal_args: [] } };
  const details = { identifier: 'SignalReceived poke of listener', workflowId: 'wf-1', runId: 'run-1', event: 'SignalReceived', signal: 'poke' };
  const constrained = send({ json: { verdict: 'constrain', reason: 'slowly', policy_id: 'p', constraints: ['c'] } }, 1, signal);
  await constrained.sent;
  expect(constrained.test.lines).toEqual([{ level: 'info', message: 'Constrained: slowly', details: { ...details, policyId: 'p', constraints: ['c'] } }]);

  const observed = send({ json: { verdict: 'require_approval', reason: 'ask' } }, 1, signal, { mode: 'observe' });
  expect(await observed.sent).toEqual({ verdict: 'allow' });
  const message = '[observe] Not enforced: Governance blocked: OpenBox Core wants an approval, which nobody can wait for at a signal or update: ask';
  expect(observed.test.lines).toEqual([{ level: 'warn', message, details: { ...details, verdict: 'require_approval' } }]);
});

test('a workflow that cannot be terminated is told to stop, and a person that it goes on', async () => {
  const { test: governor, sent } = send({ json: { verdict: 'halt', reason: 'stop' } }, 1);
  expect(await sent).toEqual({ verdict: 'halt', reason: expect.stringMatching(/^stop; the workflow could not be terminated: ./) as unknown });
  expect(governor.lines).toMatchObject([{ level: 'error', message: 'Could not end the workflow after a HALT', details: { workflowId: 'wf-1' } }]);
});

describe('a Core that is not reachable', () => {
  test.each([1, 2])('is tried again after attempt %i, under either policy', async (attempt) => {
    for (const policy of ['fail_open', 'fail_closed'] as const) {
      const failure = await send(down, attempt, { ...INPUT, policy }).sent;
      expect(failure).toBeInstanceOf(ApplicationFailure);
      expect(failure).toMatchObject({ nonRetryable: false, message: 'OpenBox Core not reachable: HTTP 500' });
    }
  });

  test('is a matter of the policy at the third, and the policy is that of the workflow', async () => {
    expect(await send(down, 3).sent).toEqual({ verdict: 'allow' });
    expect(await send(down, 3, { ...INPUT, policy: 'fail_closed' }).sent).toEqual({ verdict: 'halt', reason: expect.stringMatching(/^OpenBox Core not reachable: HTTP 500; /) as unknown });
  });
});

test.each([1, 3, 20])('a refused key is tried again after attempt %i, under either policy', async (attempt) => {
  for (const policy of ['fail_open', 'fail_closed'] as const) {
    const { test: governor, sent } = send(refused, attempt, { ...INPUT, policy });
    expect(await sent).toMatchObject({ type: 'OpenBoxAuthError', nonRetryable: false });
    expect(governor.lines).toMatchObject([{ level: 'warn', details: { workflowId: 'wf-1', event: 'WorkflowStarted' } }]);
  }
});
