import { runActivity } from './activity.ts';
import type { ActivityHost } from './activity-host.ts';
import { errorDetails } from './error-details.ts';
import { GovernanceHaltError, OpenBoxAuthError } from './errors.ts';
import type { Governor } from './governor.ts';
import { createGrants } from './grants.ts';
import { inSpan } from './in-span.ts';
import { eventIds } from './log-ids.ts';
import { randomId } from './ports/tracer.ts';
import { checkActivity, checkRun } from './workflow-checks.ts';
import { askEvent, decideEvent } from './workflow-event.ts';

/** Names a workflow that no Temporal server knows. */
export interface WorkflowOptions {
  readonly workflowType: string;
  /** @default a random id */
  readonly workflowId?: string;
  /** @default 'default' */
  readonly taskQueue?: string;
  /** Cancels what still waits. */
  readonly signal?: AbortSignal;
}

/** What the body of a workflow works with. */
export interface WorkflowScope {
  readonly workflowId: string;
  readonly runId: string;
  /** Runs `body` as one governed activity; waits in place where a human has to decide. */
  activity<A extends readonly unknown[] | [], R>(
    activityType: string,
    input: A,
    body: (...input: A) => R | Promise<R>,
  ): Promise<R>;
}

/**
 * Runs an agent that is no Temporal workflow under governance: the same events, questions and approvals.
 *
 * Throws `GovernanceHaltError` once the workflow is halted, `OpenBoxAuthError` where Core refuses the key at its start,
 * else what `body` throws.
 */
export async function runWorkflow<A extends readonly unknown[] | [], R>(
  governor: Governor,
  options: WorkflowOptions,
  input: A,
  body: (scope: WorkflowScope, ...input: A) => Promise<R>,
): Promise<R> {
  checkRun(governor, options, input, body);
  const { config } = governor;
  const { taskQueue = 'default', workflowType, signal } = options;
  const governed = config.enforceTaskQueues?.has(taskQueue) ?? true;
  const told = governed && !config.skipWorkflowTypes.has(workflowType);
  const workflowId = options.workflowId ?? `${workflowType}-${randomId(16)}`;
  const runId = randomId(16);
  const common = { workflow_id: workflowId, run_id: runId, workflow_type: workflowType };
  const ids = { 'openbox.workflow_id': workflowId, 'openbox.run_id': runId };
  const span = governor.ports.tracer.span({ name: `workflow ${workflowType}`, kind: 'INTERNAL', attributes: ids }, undefined);
  let halted: GovernanceHaltError | undefined;
  let activities = 0;

  // An event is told once: it is asked about even where Core counts as dead.
  const tell = async (event: Readonly<Record<string, unknown>>): Promise<void> => {
    if (!told || (event['event_type'] === 'WorkflowStarted' && !config.sendStartEvent)) return;
    const full = { ...event, ...common };
    const decision = decideEvent(governor, full, await askEvent(governor, full, { parent: span, always: true }));
    if (decision.kind === 'proceed') return;
    if (decision.error instanceof GovernanceHaltError) throw (halted = decision.error);
    if (decision.error instanceof OpenBoxAuthError && event['event_type'] === 'WorkflowStarted') throw decision.error;
    governor.ports.logger.error(`Stop of a workflow event has no effect: ${decision.error.message}`, eventIds(full));
  };

  const activity: WorkflowScope['activity'] = async (activityType, args, run) => {
    if (halted !== undefined) throw halted;
    checkActivity(activityType, args, run);
    if (!governed || config.skipActivityTypes.has(activityType)) return run(...args);
    const host: ActivityHost = {
      signal,
      parent: span,
      grants: createGrants(),
      approval: 'here',
      halt: async (error) => void (halted ??= error),
    };
    const info = { workflowId, runId, workflowType, activityId: String(++activities), activityType, taskQueue, attempt: 1 };
    return runActivity(governor, info, args, async (given) => run(...given), host);
  };

  return inSpan(span, async () => {
    await tell({ event_type: 'WorkflowStarted', task_queue: taskQueue, activity_input: input });
    let output: R;
    try {
      output = await body({ workflowId, runId, activity }, ...input);
    } catch (error) {
      // The agent's own error is the one that surfaces.
      if (halted === undefined) await tell({ event_type: 'WorkflowFailed', error: errorDetails(error) }).catch(() => undefined);
      throw halted ?? error;
    }
    if (halted !== undefined) throw halted;
    await tell({ event_type: 'WorkflowCompleted', workflow_output: output ?? null });
    return output;
  });
}
