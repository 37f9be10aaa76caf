import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { inject } from 'vitest';

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder for what test files of one run share. */
    sharedFolder: string;
  }
}

/** What takes long to make, for all test files of a run: JSON in a file of this name. Who asks before it is there makes it too. */
export async function sharedJson<T>(name: string, make: () => Promise<T>): Promise<T> {
  const path = join(inject('sharedFolder'), `${name}.json`);
  const found = await readFile(path, 'utf8').catch(() => undefined);
  if (found !== undefined) return JSON.parse(found) as T;
  const made = await make();
  // Renamed, so that nobody reads half of it.
  const own = `${path}.${process.pid}`;
  await writeFile(own, JSON.stringify(made));
  await rename(own, path);
  return made;
}
