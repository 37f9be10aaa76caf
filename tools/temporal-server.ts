import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Connection } from '@temporalio/client';
import { findTemporalCli } from './temporal-cli.ts';

/** A running Temporal dev server on loopback. */
export type TemporalServer = {
  /** Host and port, as `Connection.connect` takes them. */
  address: string;
  /** Ends the server; resolves when its process is gone. */
  close: () => Promise<void>;
};

const startupLimit = 30_000;

/** Without this the server rounds every delay up to a second: retries and approvals would take most of a test run's time. */
const EXACT_TIMERS = ['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="1ms"'];

/** The wanted port, or any when it is 0. Throws when the wanted one is taken. */
async function freePort(wanted: number): Promise<number> {
  const server = createServer().listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

async function waitUntilReady(server: ChildProcess, address: string): Promise<void> {
  // gRPC's own pause after a refused connection is one second and more.
  const channelArgs = { 'grpc.initial_reconnect_backoff_ms': 50, 'grpc.max_reconnect_backoff_ms': 50 };
  const connection = Connection.lazy({ address, channelArgs });
  // The port answers before the namespace exists: only the namespace tells that workflows can start.
  const ask = (): Promise<boolean> =>
    connection
      .withDeadline(Date.now() + 1000, () => connection.workflowService.describeNamespace({ namespace: 'default' }))
      .then(
        () => true,
        () => false,
      );
  const end = Date.now() + startupLimit;
  try {
    while (!(await ask())) {
      if (server.exitCode !== null) throw new Error(`it ended with exit code ${server.exitCode}`);
      if (Date.now() > end) throw new Error(`it did not answer within ${startupLimit / 1000} s`);
      await delay(20);
    }
  } finally {
    await connection.close();
  }
}

async function startOn(port: number): Promise<TemporalServer> {
  const cli = await findTemporalCli();
  const chosen = await freePort(port);
  const guard = fileURLToPath(new URL('end-with-parent.mjs', import.meta.url));
  const args = ['server', 'start-dev', '--headless', '--ip', '127.0.0.1', '--port', String(chosen), '--log-level', 'error', ...EXACT_TIMERS];
  const server = spawn(process.execPath, [guard, cli, ...args], { stdio: ['pipe', 'ignore', 'pipe'] });
  let complaints = '';
  // The first lines tell the reason; what follows are stacks.
  server.stderr.setEncoding('utf8').on('data', (chunk: string) => void (complaints = (complaints + chunk).slice(0, 4000)));
  const exited = once(server, 'exit');
  const close = async (): Promise<void> => {
    server.stdin.end();
    await exited;
  };
  const address = `127.0.0.1:${chosen}`;
  try {
    await waitUntilReady(server, address);
  } catch (cause) {
    await close();
    throw new Error(`No Temporal server on ${address}: ${(cause as Error).message}. ${complaints}`.trim(), { cause });
  }
  return { address, close };
}

/**
 * Starts a Temporal dev server on 127.0.0.1 and waits until it takes workflows. It ends with this process, however that ends.
 * Any free port by default. Throws when the port is taken, or the server does not answer within 30 seconds.
 */
export async function startTemporalServer({ port = 0 }: { port?: number } = {}): Promise<TemporalServer> {
  if (port !== 0) return startOn(port);
  // Another process can take a free port before the server listens on it (it also chooses some for itself): once more, then.
  return startOn(0).catch(() => startOn(0));
}
