import { inspect } from 'node:util';
import type { WorkflowHandle } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';

/** For whoever reads of a test that failed: what happened by when, in seconds of the workflow, and what its activities wait for. */
export async function showHistory(handle: WorkflowHandle): Promise<void> {
  const events = (await handle.fetchHistory()).events ?? [];
  const at = (time: temporal.api.history.v1.IHistoryEvent['eventTime']): number => Number(time?.seconds ?? 0) + (time?.nanos ?? 0) / 1e9;
  const began = at(events[0]?.eventTime);
  const lines = events.map((event) => `${(at(event.eventTime) - began).toFixed(3)} ${kindOf(event)}`);
  const { pendingActivities, pendingWorkflowTask } = (await handle.describe()).raw;
  process.stderr.write(`${handle.workflowId}\n${lines.join('\n')}\n${inspect({ pendingActivities, pendingWorkflowTask }, { depth: 6 })}\n`);
}

function kindOf(event: temporal.api.history.v1.IHistoryEvent): string | undefined {
  return Object.entries(event).find(([name, value]) => name.endsWith('EventAttributes') && value != null)?.[0];
}
