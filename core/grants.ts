import type { PendingApproval } from './errors.ts';

/** One human's yes to one step. */
export type Grant = Pick<PendingApproval, 'step' | 'place' | 'parts' | 'approvalId'>;

/** What humans have granted to one run of an activity; each grant is good for one occurrence. */
export interface Grants {
  add(grant: Grant): void;
  /** True where the step is granted; that grant is used up then. */
  take(step: string): boolean;
  /** Grants for this place that the run has not come to: what it came to instead is different. */
  unused(place: string): readonly Grant[];
}

/** A step that is named twice is granted twice. */
export function createGrants(grants: Iterable<Grant> = []): Grants {
  const granted = [...grants];
  return {
    add: (grant) => void granted.push(grant),
    take: (step) => {
      const at = granted.findIndex((grant) => grant.step === step);
      if (at >= 0) granted.splice(at, 1);
      return at >= 0;
    },
    unused: (place) => granted.filter((grant) => grant.place === place),
  };
}
