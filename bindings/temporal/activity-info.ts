import type { Info } from '@temporalio/activity';
import type { ActivityInfo } from '../../core/activity-info.ts';

/** Names the attempt to Core; an activity that no workflow scheduled is its own workflow. */
export function activityInfo(info: Info): ActivityInfo {
  const { activityId, activityType, activityRunId, taskQueue, attempt, workflowType, workflowExecution } = info;
  const standalone = { workflowId: activityId, runId: activityRunId ?? activityId };
  const { workflowId, runId } = workflowExecution ?? standalone;
  return { workflowId, runId, workflowType: workflowType ?? activityType, activityId, activityType, taskQueue, attempt };
}
