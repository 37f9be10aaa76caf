import { Context } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import { GovernanceHaltError, OpenBoxAuthError, type OpenBoxError } from '../../core/errors.ts';
import { EVENT_ACTIVITY } from '../../core/event.ts';
import type { Governor } from '../../core/governor.ts';
import { endingFailed, stopWorkflow } from '../../core/halt.ts';
import { eventIds } from '../../core/log-ids.ts';
import { askEvent, decideEvent } from '../../core/workflow-event.ts';
import { toFailure } from './failures.ts';
import { isTold } from './patches.ts';
import { terminate } from './terminate.ts';
import { FAILURE_TYPES } from './workflow/failure-types.ts';
import { EVENT_ATTEMPTS, type EventAnswer, type EventInput } from './workflow/protocol.ts';

/** The activity that asks Core about workflow events, by its name. */
export type EventActivity = Readonly<Record<typeof EVENT_ACTIVITY, (input: EventInput) => Promise<EventAnswer>>>;

/**
 * The activity that sends workflow events. At the last attempt an unreachable Core is a matter of the error policy;
 * a refused key never is: the workflow sends such an event again until the key is mended.
 */
export function createEventActivity(governor: Governor): EventActivity {
  return {
    async [EVENT_ACTIVITY]({ event, timeoutMs, policy, firstExecutionRunId }) {
      const context = Context.current();
      const { ports, config, warnings } = governor;
      const about = eventIds(event);
      // A worker's shutdown does not end the question: what was begun to be told is told.
      // The last attempt is put even to a Core that counts as dead: no event is given up unasked.
      const isLast = context.info.attempt >= EVENT_ATTEMPTS;
      const outcome = await askEvent(governor, event, { deadline: ports.clock.now() + timeoutMs, always: isLast });
      if (outcome.kind === 'unreachable' && !isLast) {
        const message = `OpenBox Core not reachable: ${outcome.problem}`;
        throw ApplicationFailure.create({ message, type: FAILURE_TYPES.api, nonRetryable: false });
      }
      // Options may have changed since it was scheduled: a workflow that is not governed here is not halted for want of an answer.
      const { workflowType = '', taskQueue } = context.info;
      const governancePolicy = isTold(config, { workflowType, taskQueue }) ? policy : 'fail_open';
      const decision = decideEvent({ ...governor, config: { ...config, governancePolicy } }, event, outcome);
      if (decision.kind === 'proceed') return { verdict: 'allow' };

      const { error } = decision;
      if (error instanceof OpenBoxAuthError) {
        warnings.warn('unauthorized', error.message, about);
        throw toFailure(error);
      }
      if (!(error instanceof GovernanceHaltError)) return { verdict: 'block', ...saidBy(error) };
      const { workflow_id: workflowId, run_id: runId } = event as { readonly workflow_id: string; readonly run_id: string };
      stopWorkflow(governor.scopes, { workflowId, runId, firstRunId: firstExecutionRunId }, error);
      try {
        await terminate(context, firstExecutionRunId, error.message);
        return { verdict: 'halt', ...saidBy(error) };
      } catch (cause) {
        ports.logger.error('Could not end the workflow after a HALT', { ...about, cause });
        const { reason, ...said } = saidBy(error);
        return { verdict: 'halt', ...said, reason: `${reason}; ${endingFailed(cause)}` };
      }
    },
  };
}

function saidBy(error: OpenBoxError): { readonly reason: string; readonly policyId?: string } {
  const { reason, policyId } = error as { readonly reason?: string; readonly policyId?: string };
  return { reason: reason ?? error.message, ...(policyId !== undefined && { policyId }) };
}
