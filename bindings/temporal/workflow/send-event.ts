import { type ActivityOptions, CancellationScope, log, patched, proxyActivities, sleep, workflowInfo } from '@temporalio/workflow';
import { EVENT_ACTIVITY, type WorkflowEvent } from '../../../core/event.ts';
import { objectJson } from '../../../core/json.ts';
import { FAILURE_TYPES, governanceFailureType } from './failure-types.ts';
import { EVENT_ATTEMPTS, type EventAnswer, type EventInput, GLOBAL, LOST_HALTS, type SandboxConfig } from './protocol.ts';

/** What an event says of itself; the workflow's ids are added here. */
export type EventFields = WorkflowEvent extends infer E ? (E extends WorkflowEvent ? Omit<E, 'workflow_id' | 'run_id' | 'workflow_type'> : never) : never;

/** Where a bundle is used without the host's line in front: on replay, say. */
const DEFAULTS: SandboxConfig = { timeoutMs: 30_000, policy: 'fail_open', observe: false };

/** For starting the activity and for its report, beyond Core's own time. */
const ACTIVITY_MARGIN_MS = 5_000;

/**
 * A worker that died and one without the activity count as attempts too, so that neither holds a workflow up for ever.
 * Waiting for a worker at all has no limit: while all are down, the workflow is too.
 */
const RETRY = { initialInterval: 1000, backoffCoefficient: 2, maximumAttempts: EVENT_ATTEMPTS } as const;

/** A refused key is tried until it is mended, about an hour by one scheduled activity: a history has an end. */
const REFUSED_RETRY = { initialInterval: 4000, backoffCoefficient: 2, maximumInterval: '1m', maximumAttempts: 60 } as const;

/** Temporal refuses payloads over 2 MiB, and fails the workflow with them; what lies beyond shows as truncated. */
const MAX_EVENT_BYTES = 1024 * 1024;

/** In front of what workflow code logs. */
export function logName(): string {
  return sandboxConfig()?.observe === true ? 'OpenBox [observe]' : 'OpenBox';
}

export function sandboxConfig(): SandboxConfig | undefined {
  return (globalThis as { readonly [GLOBAL]?: SandboxConfig })[GLOBAL];
}

/**
 * Reads a workflow event once, now, and returns what asks Core about it: an activity, scheduled in the tick of the
 * call. That never throws: an event that cannot be sent is a matter of the error policy, never of the user's workflow.
 */
export function prepareEvent(fields: EventFields): () => Promise<EventAnswer> {
  const { workflowId, runId, workflowType, firstExecutionRunId } = workflowInfo();
  const { timeoutMs, policy, observe } = sandboxConfig() ?? DEFAULTS;
  const event = plain({ workflow_id: workflowId, run_id: runId, workflow_type: workflowType, ...fields });
  const input: EventInput = { event, timeoutMs, policy, firstExecutionRunId };
  const { event_type } = fields;
  const send = async (): Promise<EventAnswer> => {
    for (let refused = false; ; refused = true) {
      if (refused) await sleep(REFUSED_RETRY.initialInterval);
      try {
        return await call(input, {
          startToCloseTimeout: timeoutMs + ACTIVITY_MARGIN_MS,
          retry: refused ? REFUSED_RETRY : RETRY,
          summary: `OpenBox: ${event_type}${refused ? ' (API key refused, trying again)' : ''}`,
        });
      } catch (error) {
        if (governanceFailureType(error) !== FAILURE_TYPES.auth) throw error;
      }
    }
  };

  return async () => {
    try {
      // A cancelled workflow still says how it ended.
      return await CancellationScope.nonCancellable(send);
    } catch (error) {
      log.error(`${logName()}: ${event_type} could not be sent`, { error });
      // What was decided once stands in the history.
      const halts = workflowInfo().unsafe.isReplaying || (policy === 'fail_closed' && !observe);
      if (halts && patched(LOST_HALTS)) return { verdict: 'halt', reason: `${event_type} could not be sent to OpenBox Core` };
      return { verdict: 'allow' };
    }
  };
}

function call(input: EventInput, options: ActivityOptions): Promise<EventAnswer> {
  return proxyActivities<Record<typeof EVENT_ACTIVITY, (input: EventInput) => Promise<EventAnswer>>>(options)[EVENT_ACTIVITY](input);
}

/** Data that any payload converter takes, whatever the values are. */
function plain(event: EventInput['event']): EventInput['event'] {
  return JSON.parse(objectJson(event, { bytes: MAX_EVENT_BYTES })) as EventInput['event'];
}
