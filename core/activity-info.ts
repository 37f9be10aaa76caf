/** Which attempt of which activity this is; the fields every one of its payloads repeats. Contract §2. */
export interface ActivityInfo {
  readonly workflowId: string;
  readonly runId: string;
  readonly workflowType: string;
  readonly activityId: string;
  readonly activityType: string;
  readonly taskQueue: string;
  /** Counts every run of the activity, from 1. */
  readonly attempt: number;
}
