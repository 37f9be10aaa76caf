import type { ActivityInfo } from './activity-info.ts';

/** By what a line in the log is traced to where it comes from. */
export type LogIds = Readonly<Record<string, string>>;

export function activityIds({ workflowId, runId, activityId }: Pick<ActivityInfo, 'workflowId' | 'runId' | 'activityId'>): LogIds {
  return { workflowId, runId, activityId };
}

/** Of a workflow event; an update is told of as a signal, by its own name. */
export function eventIds(event: Readonly<Record<string, unknown>>): LogIds {
  const { workflow_id, run_id, event_type, signal_name } = event;
  return { workflowId: String(workflow_id), runId: String(run_id), event: String(event_type), ...(typeof signal_name === 'string' && { signal: signal_name }) };
}
