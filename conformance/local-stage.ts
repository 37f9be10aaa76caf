import childProcess from 'node:child_process';
import fs, { existsSync, mkdtempSync, promises, readFileSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IMPORT_FORMS } from './import-forms.ts';
import { startSite } from './site.ts';
import { type Stage, STAGE_KEY } from './stage.ts';
import { startLocalCore } from './testing.ts';

/** The stage of every runtime with `node:fs` and threads: all in this process. */
export async function startStage(): Promise<Stage> {
  const core = await startLocalCore({ apiKeys: [STAGE_KEY] });
  const site = await startSite();
  return {
    core,
    site,
    http,
    disk: {
      files: promises,
      filesSync: fs,
      execFileSync: (file, args) => childProcess.execFileSync(file, args, { encoding: 'utf8' }),
      importForms: IMPORT_FORMS,
      exists: existsSync,
      readText: (path) => readFileSync(path, 'utf8'),
      writeText: (path, text) => writeFileSync(path, text),
    },
    openFolder() {
      const folder = mkdtempSync(join(tmpdir(), 'openbox-conformance-'));
      return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
    },
    async [Symbol.asyncDispose]() {
      await site.close();
      await core.close();
    },
  };
}
