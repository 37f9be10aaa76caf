import { type Config, type Fetch, type Ports, type ProcessSlot, randomTracer, systemClock } from '../../core/index.ts';
import { createDigest } from './digest.ts';
import { createFileSystem } from './file-system.ts';
import { lineLogger } from './line-logger.ts';
import { openTelemetryTracer } from './open-telemetry.ts';
import { unpatched } from './unpatched.ts';

/** The way to Core. */
export interface CoreFetch {
  readonly fetch: Fetch;
  /** Lets what is under way finish, then ends the connections. */
  close(): Promise<void>;
}

/** The ports of a runtime with Node's built-in modules, and what ends the connections behind them. */
export function openBuiltinPorts({ logger, openTelemetry }: Config, slot: ProcessSlot, { fetch, close }: CoreFetch): { readonly ports: Ports; close(): Promise<void> } {
  const { promises } = process.getBuiltinModule('node:fs');
  const links = {
    realpath: unpatched(slot, 'fs.promises.realpath', promises.realpath),
    readlink: unpatched(slot, 'fs.promises.readlink', promises.readlink),
  };
  return {
    close,
    ports: {
      fetch,
      clock: systemClock,
      digest: createDigest(process.getBuiltinModule('node:crypto').createHmac),
      files: createFileSystem(process.getBuiltinModule('node:path'), links),
      logger: logger ?? lineLogger((line) => void process.stderr.write(line)),
      tracer: openTelemetry ? openTelemetryTracer : randomTracer,
    },
  };
}
