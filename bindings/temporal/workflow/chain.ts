/** Questions asked one after the other, in the order in which their events came. */
export interface Chain {
  /** Starts `work` in this tick where nothing is pending, else after all that is. `work` never rejects. */
  add(work: () => Promise<void>): Promise<void>;
  readonly pending: boolean;
  /** Resolves when nothing is pending, also nothing added meanwhile. */
  settled(): Promise<void>;
}

export function createChain(): Chain {
  let last: Promise<void> | undefined;
  return {
    add(work) {
      const added: Promise<void> = (last === undefined ? work() : last.then(work)).finally(() => {
        if (last === added) last = undefined;
      });
      last = added;
      return added;
    },
    get pending() {
      return last !== undefined;
    },
    async settled() {
      for (let pending = last; pending !== undefined; pending = last) await pending;
    },
  };
}
