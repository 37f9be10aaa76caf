/** Steps that a human has granted; each grant is good for one occurrence. */
export interface Grants {
  add(step: string): void;
  /** True where the step is granted; that grant is used up then. */
  take(step: string): boolean;
}

/** Grants for these steps; a step that is named twice is granted twice. */
export function createGrants(steps: Iterable<string> = []): Grants {
  const granted = [...steps];
  return {
    add: (step) => void granted.push(step),
    take: (step) => {
      const at = granted.indexOf(step);
      if (at >= 0) granted.splice(at, 1);
      return at >= 0;
    },
  };
}
