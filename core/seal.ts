import type { Governor } from './governor.ts';
import { toJson, UNBOUNDED } from './json.ts';

/**
 * What only a holder of the API key can make of these values: an HMAC under a key of its own for each purpose, derived
 * from the API key. Undefined where the runtime has no digest: then nothing can be sealed, and nothing is taken for
 * granted.
 */
export function sealOf({ config, ports: { digest } }: Pick<Governor, 'config' | 'ports'>, purpose: string, values: unknown): string | undefined {
  return digest?.hmac(digest.hmac(config.apiKey.reveal(), `openbox ${purpose}`), toJson(values, UNBOUNDED));
}
