import type { Governor } from './governor.ts';
import { toJson, UNBOUNDED } from './json.ts';
import type { Operation } from './operation.ts';

/**
 * Names one occurrence of an operation in a grant: the operation as it will run, whole, not what Core was shown of it.
 * Keyed, so that a grant cannot be made up without the API key.
 */
export function fingerprint(
  { config, ports }: Governor,
  stage: 'started' | 'completed',
  operation: Operation,
  exact: readonly unknown[],
): string {
  return ports.digest.hmac(config.apiKey.reveal(), toJson(['operation', stage, operation, exact], UNBOUNDED));
}
