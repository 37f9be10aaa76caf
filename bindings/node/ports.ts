import { createHmac } from 'node:crypto';
import { promises } from 'node:fs';
import path from 'node:path';
import { type Config, type Ports, randomTracer, systemClock } from '../../core/index.ts';
import { createDigest } from '../adapters/digest.ts';
import { createFileSystem } from '../adapters/file-system.ts';
import { lineLogger } from '../adapters/line-logger.ts';
import { openCoreFetch } from './core-fetch.ts';

/** Taken before anything is patched. */
const links = { realpath: promises.realpath, readlink: promises.readlink };

/** The ports on Node, and what ends the connections behind them. */
export function openPorts({ openboxUrl, governanceTimeout, logger }: Config): { readonly ports: Ports; close(): Promise<void> } {
  const { fetch, close } = openCoreFetch(openboxUrl, governanceTimeout);
  return {
    close,
    ports: {
      fetch,
      clock: systemClock,
      digest: createDigest(createHmac),
      files: createFileSystem(path, links),
      logger: logger ?? lineLogger((line) => void process.stderr.write(line)),
      tracer: randomTracer,
    },
  };
}
