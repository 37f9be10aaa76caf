import type { Context } from '@temporalio/activity';
import { Client } from '@temporalio/client';

/** No deadline would wait for an unreachable server for ever. */
const DEADLINE_MS = 10_000;

/**
 * Terminates the workflow that an activity runs for, or the activity itself where no workflow scheduled it. By the
 * first execution's run id: neither is a later workflow of the same id hit, nor does continue-as-new escape.
 */
export async function terminate({ info, client }: Context, firstExecutionRunId: string | undefined, reason: string): Promise<void> {
  // A client of our own: the user's interceptors have no say in it.
  const own = new Client({ connection: client.connection, namespace: info.namespace });
  await own.withDeadline(Date.now() + DEADLINE_MS, async () => {
    const { workflowExecution } = info;
    if (workflowExecution === undefined) {
      await own.activity.getHandle(info.activityId, info.activityRunId).terminate(reason);
      return;
    }
    const { workflowId, runId } = workflowExecution;
    const first = firstExecutionRunId ?? (await describedFirstRunId(own, workflowId, runId));
    await own.workflow.getHandle(workflowId, undefined, { firstExecutionRunId: first }).terminate(reason);
  });
}

async function describedFirstRunId(client: Client, workflowId: string, runId: string): Promise<string> {
  const { raw } = await client.workflow.getHandle(workflowId, runId).describe();
  return raw.workflowExecutionInfo?.firstRunId || runId;
}
