import { type Config, type Fetch, namedLogger, type Ports, type ProcessSlot, randomTracer, systemClock } from '../../core/index.ts';
import { openBuiltinSyncGate } from './builtin-sync-gate.ts';
import { createDigest } from './digest.ts';
import { createFileSystem } from './file-system.ts';
import { lineLogger } from './line-logger.ts';
import { openTelemetryTracer } from './open-telemetry.ts';
import type { ThreadEntry } from './thread-entry.ts';
import { unpatched } from './unpatched.ts';

/** The way to Core. */
export interface CoreFetch {
  readonly fetch: Fetch;
  /** Lets what is under way finish, then ends the connections. */
  close(): Promise<void>;
}

interface OpenPorts {
  readonly ports: Ports;
  close(): Promise<void>;
}

/** The ports of a runtime with Node's built-in modules, and what ends the connections behind them. */
export function openBuiltinPorts(config: Config, sdkId: string, slot: ProcessSlot, { fetch, close }: CoreFetch, gateThread: ThreadEntry): OpenPorts {
  const { existsSync, promises, readlinkSync, realpathSync } = process.getBuiltinModule('node:fs');
  const logger = config.logger ?? lineLogger((line) => void process.stderr.write(line));
  const syncGate = openBuiltinSyncGate(config, sdkId, namedLogger(logger, config), gateThread, unpatched(slot, 'fs.existsSync', existsSync));
  const links = {
    realpath: unpatched(slot, 'fs.promises.realpath', promises.realpath),
    readlink: unpatched(slot, 'fs.promises.readlink', promises.readlink),
    realpathSync: unpatched(slot, 'fs.realpathSync', realpathSync).native,
    readlinkSync: unpatched(slot, 'fs.readlinkSync', readlinkSync),
  };
  return {
    close: async () => {
      await syncGate?.close();
      await close();
    },
    ports: {
      fetch,
      clock: systemClock,
      digest: createDigest(process.getBuiltinModule('node:crypto').createHmac),
      files: createFileSystem(process.getBuiltinModule('node:path'), links),
      logger,
      tracer: config.openTelemetry ? openTelemetryTracer : randomTracer,
      ...(syncGate && { syncGate }),
    },
  };
}
