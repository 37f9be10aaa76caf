import type { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';

/** No deadline would wait for an unreachable server for ever. */
const DEADLINE_MS = 5_000;

/**
 * Gives an activity one attempt more: for one whose workflow does not wait for approvals, each look is an attempt.
 * Rejects where the server does not let us.
 */
export async function raiseLimit({ info, client }: Context): Promise<void> {
  const { retryPolicy, workflowExecution, activityId, activityRunId, namespace } = info;
  const maximumAttempts = (retryPolicy?.maximumAttempts ?? 0) + 1;
  const own = new Client({ connection: client.connection, namespace });
  await own.withDeadline(Date.now() + DEADLINE_MS, async () => {
    if (workflowExecution === undefined) {
      await own.activity.getHandle(activityId, activityRunId).updateOptions({ retry: { ...retryPolicy, maximumAttempts } });
      return;
    }
    await own.workflowService.updateActivityOptions({
      namespace,
      execution: workflowExecution,
      id: activityId,
      activityOptions: { retryPolicy: { maximumAttempts } },
      updateMask: { paths: ['retryPolicy.maximumAttempts'] },
    });
  });
}
