import { createHmac } from 'node:crypto';
import type { Config, Ports } from '../../core/index.ts';
import { createDigest } from '../adapters/digest.ts';
import { createFileSystem } from '../adapters/file-system.ts';
import { webPorts } from '../adapters/web-ports.ts';

/** The ports on Deno. An import of what is patched later would fix its exports too early: it is asked for. */
export function denoPorts(config: Config): Ports {
  const files = createFileSystem(process.getBuiltinModule('node:path'), process.getBuiltinModule('node:fs/promises'));
  return webPorts(config, { digest: createDigest(createHmac), files });
}
