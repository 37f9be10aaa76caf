// Runs in Vitest's main process: offers one Temporal server to all test files.
import type { TestProject } from 'vitest/node';
import { openDesk } from './desk.ts';
import { startTemporalServer } from './temporal-server.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { port, close } = await openDesk(startTemporalServer);
  project.provide('temporalDesk', port);
  return close;
}
