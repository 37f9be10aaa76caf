import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';

/**
 * Makes a folder for the running test, which takes it along when it ends, and returns its real path.
 *
 * @param under where it is made: beside the sources, what it holds can import packages. Default: the system's folder for temporary files.
 */
export function temporaryFolder(under: string = realpathSync(tmpdir())): string {
  const folder = mkdtempSync(join(under, '.openbox-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}
