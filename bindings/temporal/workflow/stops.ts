import { ActivityFailure, ApplicationFailure, ChildWorkflowFailure, NexusOperationFailure } from '@temporalio/common';
import { type ActivityInput, type StartChildWorkflowExecutionInput, type StartNexusOperationInput, workflowInfo } from '@temporalio/workflow';
import { FAILURE_TYPES } from './failure-types.ts';
import type { EventAnswer } from './protocol.ts';

/** The failure that an answer to an event stands for; undefined where it lets go on. Contract §7. */
export function stopOf({ verdict, reason = 'no reason given', policyId }: EventAnswer, identifier: string): ApplicationFailure | undefined {
  if (verdict === 'allow') return undefined;
  const halt = verdict === 'halt';
  return ApplicationFailure.create({
    message: `${halt ? 'Governance HALT' : 'Governance blocked'}: ${reason}`,
    type: halt ? FAILURE_TYPES.halt : FAILURE_TYPES.block,
    nonRetryable: true,
    details: [{ identifier, reason, policyId: policyId ?? null, verdict }],
  });
}

/** A stop as the user's code would see the failure of what it wanted to start. */
export const stoppedActivity = ({ activityType, options, seq }: ActivityInput, stop: ApplicationFailure): Error =>
  new ActivityFailure(
    'Activity task failed',
    activityType,
    options.activityId ?? String(seq),
    'NON_RETRYABLE_FAILURE',
    undefined,
    stop,
  );

export const stoppedChild = ({ workflowType, options }: StartChildWorkflowExecutionInput, stop: ApplicationFailure): Error =>
  new ChildWorkflowFailure(
    workflowInfo().namespace,
    { workflowId: options.workflowId },
    workflowType,
    'NON_RETRYABLE_FAILURE',
    stop,
  );

export const stoppedNexusOperation = ({ endpoint, service, operation }: StartNexusOperationInput, stop: ApplicationFailure): Error =>
  new NexusOperationFailure('Nexus operation failed', undefined, endpoint, service, operation, undefined, stop);

/** Local activities, signals and continue-as-new fail without a wrapper. */
export const stoppedBare = (_input: unknown, stop: ApplicationFailure): Error => stop;
