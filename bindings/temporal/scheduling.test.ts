import type { Context } from '@temporalio/activity';
import { defaultPayloadConverter } from '@temporalio/common';
import { describe, expect, test } from 'vitest';
import { testGovernor } from '../../core/test-support.ts';
import type { Heartbeats } from './heartbeats.ts';
import { readScheduling, type Scheduling } from './scheduling.ts';
import { CARRIED, HEADER, type HeaderFields } from './workflow/protocol.ts';

const END = { startedAt: 1, durationMs: 2, changed: false };

/** Reads a scheduling after an approval of an activity's end, whose output travels among the arguments. */
function read(args: unknown[]): Scheduling {
  const fields: HeaderFields = { firstExecutionRunId: 'run-1', resumes: { activityId: '7', attempts: 1, carries: 'output', end: END } };
  const context = { info: { activityId: '8', activityType: 'pay', attempt: 1, workflowExecution: { workflowId: 'wf-1', runId: 'run-1' } } };
  const { governor } = testGovernor();
  return readScheduling(governor, context as Context, { args, headers: { [HEADER]: defaultPayloadConverter.toPayload(fields) } }, {} as Heartbeats);
}

describe('what an approval brings back', () => {
  test.each([
    ['alone', [CARRIED, 'out'], []],
    ['behind the arguments', [1, CARRIED, 'out'], [1]],
    ['with others around it, of an interceptor of the user\'s', ['theirs', 1, CARRIED, 'out', 'too'], ['theirs', 1, 'too']],
    ['where an argument says the same', [CARRIED, 1, CARRIED, 'out'], [CARRIED, 1]],
  ])('is taken from among the arguments: %s', (_where, given, args) => {
    expect(read(given)).toMatchObject({ args, end: { output: 'out', startedAt: 1, durationMs: 2 } });
  });

  test.each([[[]], [[1, 'out']]])('and missed where an interceptor has taken it away: %j', (given) => {
    expect(() => read(given)).toThrow(expect.objectContaining({ type: 'OpenBoxConfigError', message: expect.stringContaining('an interceptor of the workflow replaces them all') as unknown }));
  });
});
