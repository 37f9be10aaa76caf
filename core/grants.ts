import type { PendingApproval } from './errors.ts';

/** One human's yes to one step. */
export interface Grant extends Pick<PendingApproval, 'step' | 'place' | 'parts' | 'approvalId' | 'round'> {
  /** True once a run has come to the step: it did not come back different. */
  readonly met?: boolean;
}

/** What humans have granted to one run of an activity; each grant is good for one occurrence. */
export interface Grants {
  add(grant: Grant): void;
  /** Whether any is left. */
  readonly any: boolean;
  /** True where the step is granted; that grant is used up then, whether Core asks for it again or remembers it. */
  take(step: string): boolean;
  /** Grants for this place that no run has come to: what it came to instead is different. */
  unmet(place: string): readonly Grant[];
  /** All of them, used up or not, for the next run. */
  all(): readonly Grant[];
  /** The number of what is asked for now: one more than of whatever was granted. */
  readonly round: number;
}

interface Entry {
  grant: Grant;
  left: boolean;
}

/** A step that is named twice is granted twice. */
export function createGrants(grants: Iterable<Grant> = []): Grants {
  const entries: Entry[] = Array.from(grants, (grant) => ({ grant, left: true }));
  const all = (): readonly Grant[] => entries.map(({ grant }) => grant);
  return {
    all,
    add: (grant) => void entries.push({ grant, left: true }),
    get any() {
      return entries.some(({ left }) => left);
    },
    take(step) {
      const entry = entries.find(({ grant, left }) => left && grant.step === step);
      if (entry === undefined) return false;
      Object.assign(entry, { left: false, grant: { ...entry.grant, met: true } } satisfies Entry);
      return true;
    },
    unmet: (place) => all().filter((grant) => grant.place === place && grant.met !== true),
    get round() {
      return 1 + Math.max(0, ...all().map(({ round }) => round));
    },
  };
}
