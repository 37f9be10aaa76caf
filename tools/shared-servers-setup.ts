// Runs in Vitest's main process: offers one Temporal server, one PostgreSQL and one folder to all test files.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startPostgresServer } from './postgres-server.ts';
import { offerServer } from './shared-server.ts';
import { startTemporalServer } from './temporal-server.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const temporal = await offerServer(startTemporalServer);
  const postgres = await offerServer(startPostgresServer);
  const folder = await mkdtemp(join(tmpdir(), 'openbox-tests-'));
  project.provide('sharedFolder', folder);
  project.provide('temporalPort', temporal.port);
  project.provide('postgresPort', postgres.port);
  return async () => {
    await Promise.all([temporal.close(), postgres.close(), rm(folder, { recursive: true })]);
  };
}
