// Runs in Vitest's main process: offers one Temporal server to all test files, started when the first of them asks.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { TestProject } from 'vitest/node';
import { startTemporalServer, type TemporalServer } from './temporal-server.ts';

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  let started: Promise<TemporalServer> | undefined;
  const desk = createServer((_, response) => {
    started ??= startTemporalServer();
    started.then(
      ({ address }) => response.end(address),
      (error: Error) => response.writeHead(500).end(error.message),
    );
  });
  await once(desk.listen(0, '127.0.0.1'), 'listening');
  project.provide('temporalDesk', (desk.address() as AddressInfo).port);
  return async () => {
    desk.close();
    // A server that never started has nothing to close, and its error has reached the tests that asked.
    const server = await started?.catch(() => undefined);
    await server?.close();
  };
}
