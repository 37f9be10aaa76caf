import type { Attempt } from './attempt.ts';
import { GovernanceHaltError } from './errors.ts';
import type { Governor, Scopes } from './governor.ts';
import { printable } from './text.ts';

/** A workflow through all of its runs. */
export interface WorkflowChain {
  readonly workflowId: string;
  /** The run that a question came from. */
  readonly runId: string;
  /** The first run's id, where it is known: the same for every run that continues it. */
  readonly firstRunId?: string | undefined;
}

/** Stops whatever runs here of a workflow that a HALT ends: its next operation is refused, and nothing of it is asked about any more. */
export function stopWorkflow({ attempts }: Pick<Scopes, 'attempts'>, chain: WorkflowChain, error: GovernanceHaltError): void {
  for (const attempt of attempts) {
    if (!isOf(chain, chainOf(attempt)) || attempt.stopped instanceof GovernanceHaltError) continue;
    attempt.stopped = error;
    attempt.over.abort(error);
  }
}

/** Ends a workflow by a HALT, and stops whatever runs here of it; resolves with what to say of that. */
export async function haltWorkflow(
  { ports, scopes }: Pick<Governor, 'ports' | 'scopes'>,
  chain: WorkflowChain,
  error: GovernanceHaltError,
  halt: (error: GovernanceHaltError) => Promise<void>,
): Promise<GovernanceHaltError> {
  stopWorkflow(scopes, chain, error);
  try {
    await halt(error);
    return error;
  } catch (cause) {
    ports.logger.error(`Could not end the workflow "${chain.workflowId}" after a HALT`, { cause });
    return notEnded(error, cause);
  }
}

export function chainOf({ info, host }: Pick<Attempt, 'info' | 'host'>): WorkflowChain {
  return { workflowId: info.workflowId, runId: info.runId, firstRunId: host.firstRunId };
}

/** The HALT of a workflow that could not be ended: whoever reads the failure has to know that it lives. */
function notEnded({ message, reason, identifier, policyId }: GovernanceHaltError, cause: unknown): GovernanceHaltError {
  return new GovernanceHaltError(`${message}; ${endingFailed(cause)}`, { reason, identifier, policyId, cause });
}

/** Says that a workflow lives on, and why. */
export function endingFailed(cause: unknown): string {
  return `the workflow could not be terminated: ${innermost(cause)}`;
}

function isOf(one: WorkflowChain, other: WorkflowChain): boolean {
  if (one.workflowId !== other.workflowId) return false;
  return one.runId === other.runId || (one.firstRunId !== undefined && one.firstRunId === other.firstRunId);
}

function innermost(error: unknown): string {
  let found = error;
  for (let depth = 0; found instanceof Error && found.cause instanceof Error && depth < 5; depth++) found = found.cause;
  return printable(found instanceof Error ? found.message : found, 200);
}
