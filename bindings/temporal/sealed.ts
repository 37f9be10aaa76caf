import type { ActivityInfo } from '../../core/activity-info.ts';
import type { Governor } from '../../core/governor.ts';
import { sealOf } from '../../core/seal.ts';
import type { Sealed } from './workflow/protocol.ts';

/** The activity that a sealed text is about; in another's place it counts for nothing. */
export type Owner = Pick<ActivityInfo, 'workflowId' | 'runId' | 'activityId'>;

type Sealing = Pick<Governor, 'config' | 'ports'>;

/** A value as text that can be trusted again when it comes back, whoever has carried it. */
export function sealText(governor: Sealing, purpose: string, owner: Owner, value: unknown): Sealed {
  const text = JSON.stringify(value);
  return { text, seal: sealFor(governor, purpose, owner, text) };
}

/** The value again; undefined where the seal does not hold: another key, another activity, or nobody's. */
export function openSealed(governor: Sealing, purpose: string, owner: Owner, sealed: Partial<Record<keyof Sealed, unknown>> | undefined): unknown {
  const { text, seal } = sealed ?? {};
  if (typeof text !== 'string' || seal === NO_SEAL || seal !== sealFor(governor, purpose, owner, text)) return undefined;
  return JSON.parse(text) as unknown;
}

/** Where nothing can seal, nothing is taken for granted. */
const NO_SEAL = '';

function sealFor(governor: Sealing, purpose: string, { workflowId, runId, activityId }: Owner, text: string): string {
  return sealOf(governor, purpose, [workflowId, runId, activityId, text]) ?? NO_SEAL;
}
