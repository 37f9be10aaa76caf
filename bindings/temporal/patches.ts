import type { PatchActivationCallback } from '@temporalio/worker';
import type { Config } from '../../core/config.ts';
import { ASKED_ANEW, LATE_SIGNALS, LOST_HALTS, PATCHES, SKIP_SIGNAL } from './workflow/protocol.ts';

type Decide = (config: Config) => boolean;

const DECISIONS: Readonly<Record<string, Decide>> = {
  [PATCHES.start]: (config) => config.sendStartEvent,
  [PATCHES.complete]: () => true,
  [PATCHES.failed]: () => true,
  [PATCHES.signal]: () => true,
  // Only asked where the workflow's own line says fail_closed.
  [LOST_HALTS]: () => true,
};

/**
 * Decides what live workflows tell Core of; what was decided stands in the history, so that a replay does the same
 * whatever the configuration says by then. Patches of other names are the user's own: `own` decides, or they are on.
 */
export function decidePatches(config: Config, own?: PatchActivationCallback): PatchActivationCallback {
  return (input) => {
    const { patchId, workflowInfo } = input;
    if (patchId.startsWith(SKIP_SIGNAL)) return config.skipSignals.has(patchId.slice(SKIP_SIGNAL.length));
    // Activities are governed also where their workflow's type is not.
    if (patchId === PATCHES.approvals) return isGoverned(config, workflowInfo.taskQueue);
    // Only asked where it has happened, whatever the options say.
    if (patchId === LATE_SIGNALS || patchId === ASKED_ANEW) return true;
    const decide = DECISIONS[patchId];
    if (decide === undefined) return own?.(input) ?? true;
    return isTold(config, workflowInfo) && decide(config);
  };
}

/** Whether workflows of this type and task queue tell of themselves. */
export function isTold(config: Config, { workflowType, taskQueue }: { readonly workflowType: string; readonly taskQueue: string }): boolean {
  return isGoverned(config, taskQueue) && !config.skipWorkflowTypes.has(workflowType);
}

export function isGoverned({ enforceTaskQueues }: Config, taskQueue: string): boolean {
  return enforceTaskQueues?.has(taskQueue) ?? true;
}
