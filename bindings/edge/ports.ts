import { createHmac } from 'node:crypto';
import { resolve } from 'node:path';
import type { Config, Ports } from '../../core/index.ts';
import { createDigest } from '../adapters/digest.ts';
import { webPorts } from '../adapters/web-ports.ts';

/** The ports on workerd and its like, with the compatibility flag `nodejs_compat`; files live in memory, without links. */
export function edgePorts(config: Config): Ports {
  const files = { resolve: (path: string) => resolve('/', path), realPath: async (path: string) => path };
  return webPorts(config, { digest: createDigest(createHmac), files });
}
