import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { root } from './command.ts';
import { startTemporalServer } from './temporal-server.ts';

/** Whether something listens at an address. */
function listens(address: string): Promise<boolean> {
  const [host = '', port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect(Number(port), host);
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

/** Resolves when nothing listens at an address any more. No event tells: the server is no child of this process. */
async function ended(address: string): Promise<void> {
  while (await listens(address)) await delay(10);
}

/** A process of its own that starts a server and tells its address. */
async function startInChild(): Promise<{ address: string; kill: (signal: NodeJS.Signals) => void }> {
  const script = "import { startTemporalServer } from './tools/temporal-server.ts';\nconsole.log((await startTemporalServer()).address);";
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [address] = (await once(createInterface(child.stdout), 'line')) as [string];
  return { address, kill: (signal) => void child.kill(signal) };
}

describe('startTemporalServer', () => {
  it('starts a server that takes workflows, and ends it', async () => {
    const server = await startTemporalServer();
    const connection = await Connection.connect({ address: server.address });
    const { namespaceInfo } = await connection.workflowService.describeNamespace({ namespace: 'default' });
    expect(namespaceInfo?.name).toBe('default');
    await connection.close();
    await server.close();
    expect(await listens(server.address)).toBe(false);
  });

  it.each(['SIGKILL', 'SIGTERM'] as const)('ends with its parent on %s', async (signal) => {
    const { address, kill } = await startInChild();
    expect(await listens(address)).toBe(true);
    kill(signal);
    await ended(address);
  });

  it('refuses a port that is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await expect(startTemporalServer({ port })).rejects.toThrow('EADDRINUSE');
    other.close();
  });
});
