import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { temporalAddress } from '../../tools/shared-temporal.ts';

/** The shared Temporal server for a client that may do everything but what is named. */
export async function denying(...methods: readonly string[]): Promise<{ readonly address: string; close(): void }> {
  const program = fileURLToPath(new URL('../../tools/denying-proxy.mjs', import.meta.url));
  const proxy = spawn('node', [program, await temporalAddress(), ...methods], { stdio: ['pipe', 'pipe', 'inherit'] });
  const [said] = (await once(proxy.stdout, 'data')) as [Uint8Array];
  return { address: new TextDecoder().decode(said).trim(), close: () => void proxy.stdin.end() };
}
