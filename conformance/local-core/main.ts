#!/usr/bin/env node
import { parseArgs } from 'node:util';
import { oddVerdicts } from './odd-verdicts.ts';
import { readPolicy } from './read-policy.ts';
import { type CoreServer, serve } from './server.ts';

const USAGE = 'Usage: openbox-local-core [--port 8086] [--policy policy.json] [--key obx_test_…]... [--lenient]';

async function main(): Promise<void> {
  const server = await start();
  console.log(server?.url ?? USAGE);
  if (server === undefined) return;
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void server.close());
}

/** Undefined where only the usage was asked for. */
async function start(): Promise<CoreServer | undefined> {
  const { values } = parseArgs({
    options: {
      port: { type: 'string', default: '8086' },
      policy: { type: 'string' },
      key: { type: 'string', multiple: true },
      lenient: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const port = Number(values.port);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`Malformed --port: expected 0 to 65535, got "${values.port}"`);
  }
  const policy = values.policy === undefined ? undefined : readPolicy(values.policy);
  // A bad answer may be told on purpose: so they are only named.
  for (const odd of oddVerdicts(policy ?? {})) console.error(`Warning: ${odd}`);
  return serve({
    port,
    strict: !values.lenient,
    ...(policy && { policy }),
    ...(values.key && { apiKeys: values.key }),
  });
}

main().catch((error: unknown) => {
  console.error(`${(error as Error).message}\n${USAGE}`);
  process.exitCode = 1;
});
