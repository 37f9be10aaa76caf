/** Ids that activities of this workflow have now, and when they end. */
const open = new Map<string, Promise<void>>();

/** Notes that an activity has the id until it ends; one without a given id has one of its own. */
export function holdId<T>(id: string | undefined, running: Promise<T>): Promise<T> {
  if (id === undefined) return running;
  const forget = (): void => {
    if (open.get(id) === ended) open.delete(id);
  };
  const ended: Promise<void> = running.then(forget, forget);
  open.set(id, ended);
  return running;
}

/** The end of the activity that has the id; undefined where none has. */
export const holderOf = (id: string): Promise<void> | undefined => open.get(id);
