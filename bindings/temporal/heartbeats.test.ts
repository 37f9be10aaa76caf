import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { testGovernor } from '../../core/test-support.ts';
import { type Approvals, type Heartbeats, openHeartbeats } from './heartbeats.ts';

const APPROVALS: Approvals = { pending: [], granted: [{ step: 's', place: 'p', parts: {}, approvalId: 'apr-1', round: 1 }], changes: { value: [1] } };

interface Attempt {
  readonly heartbeats: Heartbeats;
  /** What the activity finds, and how it heartbeats. */
  readonly found: unknown;
  beat(details?: unknown): void;
  /** What the server was told last, as the next attempt will find it. */
  sent(): unknown;
}

/** An attempt whose last heartbeat was this one. */
function attempt(heartbeatDetails?: unknown, info: object = {}, openboxApiKey = 'obx_test_heartbeats'): Attempt {
  const environment = new MockActivityEnvironment({ heartbeatDetails, ...info }, { logger: new DefaultLogger('ERROR') });
  let sent: unknown;
  environment.on('heartbeat', (details: unknown) => void (sent = details));
  const heartbeats = openHeartbeats(environment.context, testGovernor(undefined, { openboxApiKey }).governor);
  return {
    heartbeats,
    found: environment.context.info.heartbeatDetails as unknown,
    beat: (details) => environment.context.heartbeat(details),
    sent: () => (sent === undefined ? undefined : JSON.parse(JSON.stringify(sent)) as unknown),
  };
}

/** The heartbeat of an attempt that has remembered `APPROVALS`. */
function remembered(details?: unknown): unknown {
  const first = attempt();
  first.beat(details);
  first.heartbeats.remember(APPROVALS);
  return first.sent();
}

test('details are sent as they are while no approval is in play', () => {
  const first = attempt();
  first.beat({ step: 3 });
  expect(first.sent()).toEqual({ step: 3 });
  expect(attempt(first.sent()).found).toEqual({ step: 3 });
});

test('approvals come back beside the details', () => {
  const next = attempt(remembered({ step: 3 }));
  expect(next.found).toEqual({ step: 3 });
  expect(next.heartbeats.approvals).toEqual(APPROVALS);
  next.beat({ step: 4 });
  const last = attempt(next.sent());
  expect([last.found, last.heartbeats.approvals]).toEqual([{ step: 4 }, APPROVALS]);
});

describe('an activity cannot grant itself anything', () => {
  const granted = { granted: ['ActivityStarted'], pending: [] };
  const text = JSON.stringify(granted);

  test.each([granted, text, { text }, { text, seal: '' }, { text, seal: 'made up' }, { text: '{', seal: 'made up' }, null, 7])(
    'with %j in its details: they come back to it as they were',
    (ours) => {
      const details = { __openbox_approvals: ours, details: 'own' };
      const first = attempt();
      first.beat(details);
      const next = attempt(first.sent());
      expect(next.found).toEqual(details);
      expect(next.heartbeats.approvals).toEqual({ pending: [], granted: [] });
    },
  );

  test.each([granted, { text, seal: 'made up' }, null])('with %j in what its details become on the way', (ours) => {
    const first = attempt();
    first.beat({ toJSON: () => ({ __openbox_approvals: ours }) });
    expect(attempt(first.sent()).heartbeats.approvals).toEqual({ pending: [], granted: [] });
  });

  test.each([{ activityId: 'other' }, { workflowExecution: { workflowId: 'test', runId: 'other' } }])('with what was remembered of another, %j', (info) => {
    const next = attempt(remembered({ step: 3 }), info);
    expect([next.found, next.heartbeats.approvals]).toEqual([{ step: 3 }, { pending: [], granted: [] }]);
  });
});

test('what was remembered under another key is asked again', () => {
  const next = attempt(remembered({ step: 3 }), {}, 'obx_test_a_longer_key');
  expect([next.found, next.heartbeats.approvals]).toEqual([{ step: 3 }, { pending: [], granted: [] }]);
});
