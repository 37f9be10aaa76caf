/** The calls of each connection, in the order in which they were made: questions about them are out in parallel, the calls are not. */
export interface Lanes {
  /** True where a call made now would overtake nobody. */
  isFree(connection: object): boolean;
  /** Takes a place behind every call made before. */
  enter(connection: object): Place;
}

export interface Place {
  /** Resolves when the calls made before have left. */
  readonly turn: Promise<void>;
  /** The call has been made, or never will be. */
  leave(): void;
}

export function createLanes(): Lanes {
  const tails = new WeakMap<object, Promise<void>>();
  return {
    isFree: (connection) => !tails.has(connection),
    enter(connection) {
      const turn = tails.get(connection) ?? Promise.resolve();
      let leave!: () => void;
      const left = new Promise<void>((resolve) => (leave = resolve));
      const tail = turn.then(() => left);
      tails.set(connection, tail);
      void tail.finally(() => tails.get(connection) === tail && tails.delete(connection));
      return { turn, leave };
    },
  };
}
