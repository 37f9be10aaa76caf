import type { PatchActivationCallback } from '@temporalio/worker';
import type { Config } from '../../core/config.ts';
import { LATE_SIGNALS, LOST_HALTS, PATCHES, SKIP_SIGNAL } from './workflow/protocol.ts';

type Decide = (config: Config) => boolean;

const DECISIONS: Readonly<Record<string, Decide>> = {
  [PATCHES.start]: (config) => config.sendStartEvent,
  [PATCHES.complete]: () => true,
  [PATCHES.failed]: () => true,
  [PATCHES.signal]: () => true,
};

/** Only asked where it is so, whatever the options say. */
const HAPPENED: ReadonlySet<string> = new Set([LATE_SIGNALS, LOST_HALTS]);

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
    if (HAPPENED.has(patchId)) return true;
    const decide = DECISIONS[patchId];
    if (decide === undefined) return own?.(input) ?? true;
    return isGoverned(config, workflowInfo.taskQueue) && !config.skipWorkflowTypes.has(workflowInfo.workflowType) && decide(config);
  };
}

export function isGoverned({ enforceTaskQueues }: Config, taskQueue: string): boolean {
  return enforceTaskQueues?.has(taskQueue) ?? true;
}
