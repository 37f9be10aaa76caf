import type { Governor } from './governor.ts';
import { identifierOf, type Operation } from './operation.ts';
import { sealOf } from './seal.ts';

/** One occurrence of a step, as a grant names it: by HMACs, which tell nothing and cannot be made up. */
export interface Fingerprint {
  /** Of the step as it will run, whole. */
  readonly step: string;
  /** Of where it stands: two occurrences that differ only in what they bring share it. */
  readonly place: string;
  /** Of each part, so that it can be said which ones differ. */
  readonly parts: Readonly<Record<string, string>>;
}

/**
 * Names one occurrence of an operation: the operation as it will run, not what Core was shown of it. Undefined where two
 * occurrences could not be told apart.
 */
export function operationFingerprint(
  governor: Governor,
  stage: 'started' | 'completed',
  operation: Operation,
  exact: readonly unknown[] | undefined,
): Fingerprint | undefined {
  const place = [stage, operation.type, placeOf(operation)];
  const own = ownFingerprint(governor, operation);
  if (own !== undefined) return fingerprint(governor, place, { fingerprint: own });
  if (exact === undefined || !isOpen([operation, exact])) return undefined;
  return fingerprint(governor, place, { ...whatStays(operation), content: exact });
}

/** What the user says the operation is the same by; undefined leaves it to us. */
function ownFingerprint({ config, warnings }: Governor, operation: Operation): unknown {
  try {
    const own = config.fingerprint?.(operation);
    if (isOpen(own)) return own;
    // All of these would look the same: a grant for one would be good for any.
    warnings.warn('fingerprint', 'Option fingerprint returned what JSON does not tell whole, such as a promise or a Map; going by the operation itself');
    return undefined;
  } catch (cause) {
    warnings.warn('fingerprint', 'Option fingerprint threw; going by the operation itself', { cause });
    return undefined;
  }
}

/** Names an activity's own start by its arguments, its end by its output. */
export function activityFingerprint(governor: Governor, event: string, activityType: string, value: unknown): Fingerprint | undefined {
  return fingerprint(governor, [event, activityType], { [event === 'ActivityStarted' ? 'arguments' : 'output']: value });
}

/** The parts of `now` that are not as they were, in words. */
export function differences(before: Fingerprint['parts'], now: Fingerprint['parts']): readonly string[] {
  return [...new Set([...Object.keys(before), ...Object.keys(now)])].filter((name) => before[name] !== now[name]);
}

/** As much of an HMAC as tells parts apart. */
const PART_LENGTH = 16;

function fingerprint(governor: Governor, place: readonly unknown[], values: Readonly<Record<string, unknown>>): Fingerprint | undefined {
  const step = sealOf(governor, 'step', [place, values]);
  const sealedPlace = sealOf(governor, 'place', place);
  if (step === undefined || sealedPlace === undefined) return undefined;
  const parts = Object.entries(values).map(([name, value]) => [name, (sealOf(governor, 'part', [name, value]) ?? '').slice(-PART_LENGTH)] as const);
  return { step, place: sealedPlace, parts: Object.fromEntries(parts) };
}

/** A URL without its query: what is drawn anew for each request stands there. */
function placeOf(operation: Operation): string {
  const [identifier = ''] = identifierOf(operation).split('?', 1);
  return identifier;
}

/** Which trace a request belongs to differs with each try. */
const TRACE_HEADERS: ReadonlySet<string> = new Set(['traceparent', 'tracestate', 'baggage', 'b3', 'x-b3-traceid', 'x-b3-spanid', 'x-b3-parentspanid', 'x-b3-sampled']);

/** A request's body is among its content, whole and in a form that tells nothing but what it says. */
function whatStays(operation: Operation): Readonly<Record<string, unknown>> {
  if (operation.type !== 'http_request') return { ...operation };
  const { body: _body, headers, ...others } = operation;
  return { ...others, headers: Object.fromEntries(Object.entries(headers).filter(([name]) => !TRACE_HEADERS.has(name.toLowerCase()))) };
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
