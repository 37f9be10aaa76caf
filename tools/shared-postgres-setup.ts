// Runs in Vitest's main process: offers one PostgreSQL to all test files.
import type { TestProject } from 'vitest/node';
import { openDesk } from './desk.ts';
import { startPostgresServer } from './postgres-server.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { port, close } = await openDesk(startPostgresServer);
  project.provide('postgresDesk', port);
  return close;
}
