// Runs in Vitest's main process: offers one Temporal server and one PostgreSQL to all test files.
import type { TestProject } from 'vitest/node';
import { startPostgresServer } from './postgres-server.ts';
import { offerServer } from './shared-server.ts';
import { startTemporalServer } from './temporal-server.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const temporal = await offerServer(startTemporalServer);
  const postgres = await offerServer(startPostgresServer);
  project.provide('temporalPort', temporal.port);
  project.provide('postgresPort', postgres.port);
  return async () => {
    await Promise.all([temporal.close(), postgres.close()]);
  };
}
