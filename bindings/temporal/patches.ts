import type { PatchActivationCallback } from '@temporalio/worker';
import type { Config } from '../../core/config.ts';
import { ASKED_ANEW, LATE_SIGNALS, LOST_HALTS, PATCHES, SKIP_SIGNAL } from './workflow/protocol.ts';

interface Workflow {
  readonly workflowType: string;
  readonly taskQueue: string;
}

type Decide = (config: Config, workflow: Workflow) => boolean;

const DECISIONS: ReadonlyMap<string, Decide> = new Map<string, Decide>([
  [PATCHES.start, (config, workflow) => isTold(config, workflow) && config.sendStartEvent],
  [PATCHES.complete, isTold],
  [PATCHES.failed, isTold],
  [PATCHES.signal, isTold],
  // Activities are governed also where their workflow's type is not.
  [PATCHES.approvals, (config, { taskQueue }) => isGoverned(config, taskQueue)],
  // Only asked where the workflow's own line says fail_closed.
  [LOST_HALTS, isTold],
  // Only asked where it has happened, whatever the options say.
  [LATE_SIGNALS, () => true],
  [ASKED_ANEW, () => true],
]);

/**
 * Decides what live workflows tell Core of; what was decided stands in the history, so that a replay does the same
 * whatever the configuration says by then. Patches of other names are the user's own: `own` decides, or they are on.
 */
export function decidePatches(config: Config, own?: PatchActivationCallback): PatchActivationCallback {
  return (input) => {
    const { patchId, workflowInfo } = input;
    if (patchId.startsWith(SKIP_SIGNAL)) return config.skipSignals.has(patchId.slice(SKIP_SIGNAL.length));
    const decide = DECISIONS.get(patchId);
    return decide === undefined ? (own?.(input) ?? true) : decide(config, workflowInfo);
  };
}

/** Whether workflows of this type and task queue tell of themselves. */
export function isTold(config: Config, { workflowType, taskQueue }: Workflow): boolean {
  return isGoverned(config, taskQueue) && !config.skipWorkflowTypes.has(workflowType);
}

export function isGoverned({ enforceTaskQueues }: Config, taskQueue: string): boolean {
  return enforceTaskQueues?.has(taskQueue) ?? true;
}
