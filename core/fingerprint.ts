import type { Governor } from './governor.ts';
import { toJson, UNBOUNDED } from './json.ts';
import type { Operation } from './operation.ts';

/**
 * Names one occurrence of an operation in a grant: the operation as it will run, whole, not what Core was shown of it.
 * Keyed, so that a grant cannot be made up without the API key. Undefined where two occurrences could not be told apart.
 */
export function fingerprint(
  { config, ports }: Governor,
  stage: 'started' | 'completed',
  operation: Operation,
  exact: readonly unknown[] | undefined,
): string | undefined {
  if (ports.digest === undefined || exact === undefined || !isOpen([operation, exact])) return undefined;
  return ports.digest.hmac(config.apiKey.reveal(), toJson(['operation', stage, operation, exact], UNBOUNDED));
}

const MAX_DEPTH = 64;

/**
 * Whether JSON tells the whole value: an instance of a class may hold more (`#private` fields) than its fields show.
 */
function isOpen(value: unknown, depth = 0): boolean {
  if (typeof value === 'function') return false;
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value) || value instanceof Date) return true;
  if (depth === MAX_DEPTH) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  const plain = prototype === null || prototype === Object.prototype || Array.isArray(value);
  return plain && Object.values(value).every((field) => isOpen(field, depth + 1));
}
