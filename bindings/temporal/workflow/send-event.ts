import { CancellationScope, log, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { WorkflowEvent } from '../../../core/event.ts';
import { toJson } from '../../../core/json.ts';
import { EVENT_ACTIVITY, type EventAnswer, type EventInput, GLOBAL, type SandboxConfig } from './protocol.ts';

/** What an event says of itself; the workflow's ids are added here. */
export type EventFields = WorkflowEvent extends infer E ? (E extends WorkflowEvent ? Omit<E, 'workflow_id' | 'run_id' | 'workflow_type'> : never) : never;

/** Where a bundle is used without the host's line in front: on replay, say. */
const DEFAULTS: SandboxConfig = { timeoutMs: 30_000, policy: 'fail_open' };

/** For starting the activity and for its report, beyond Core's own time. */
const ACTIVITY_MARGIN_MS = 5_000;

/** Temporal refuses payloads over 2 MiB, and fails the workflow with them; what lies beyond shows as truncated. */
const MAX_EVENT_BYTES = 1024 * 1024;

export function sandboxConfig(): SandboxConfig | undefined {
  return (globalThis as { readonly [GLOBAL]?: SandboxConfig })[GLOBAL];
}

/**
 * Reads a workflow event once, now, and returns what asks Core about it: an activity, scheduled in the tick of the
 * call. That never throws: an event that cannot be sent is a matter of the error policy, never of the user's workflow.
 */
export function prepareEvent(fields: EventFields): () => Promise<EventAnswer> {
  const { workflowId, runId, workflowType, firstExecutionRunId } = workflowInfo();
  const { timeoutMs, policy } = sandboxConfig() ?? DEFAULTS;
  // The part that may be long comes last: it is what a limit cuts.
  const event = plain({ workflow_id: workflowId, run_id: runId, workflow_type: workflowType, ...fields });
  const input: EventInput = { event, timeoutMs, policy, firstExecutionRunId };
  const activities = proxyActivities<Record<typeof EVENT_ACTIVITY, (input: EventInput) => Promise<EventAnswer>>>({
    startToCloseTimeout: timeoutMs + ACTIVITY_MARGIN_MS,
    retry: { initialInterval: '1s', backoffCoefficient: 2, maximumInterval: '1m' },
    summary: `OpenBox: ${fields.event_type}`,
  });

  return async () => {
    try {
      // A cancelled workflow still says how it ended.
      return await CancellationScope.nonCancellable(() => activities[EVENT_ACTIVITY](input));
    } catch (error) {
      log.error(`OpenBox: ${fields.event_type} could not be sent`, { error });
      if (policy === 'fail_open') return { verdict: 'allow' };
      return { verdict: 'halt', reason: `${fields.event_type} could not be sent to OpenBox Core` };
    }
  };
}

/** Data that any payload converter takes, whatever the values are. */
function plain(event: object): EventInput['event'] {
  return JSON.parse(toJson(event, { bytes: MAX_EVENT_BYTES })) as EventInput['event'];
}
