import { check, type Violation } from './check.ts';
import { EVENTS, HOOK, POLL, UNKNOWN_EVENT } from './events.ts';
import { headersOf } from './headers.ts';
import { isCompact, parseJson } from './json.ts';
import { entry, isObject, type Kind } from './kinds.ts';

export const VALIDATE = '/api/v1/auth/validate';
export const EVALUATE = '/api/v1/governance/evaluate';
export const APPROVAL = '/api/v1/governance/approval';

/** One of Core's endpoints. */
export interface Call {
  readonly method: string;
  /** The kind of the body that was read; absent where there must be none. */
  readonly body?: (body: unknown) => Kind;
}

/** Core's endpoints, by path (Contract §1). */
export const CALLS: Readonly<Record<string, Call>> = {
  [VALIDATE]: { method: 'GET' },
  [EVALUATE]: { method: 'POST', body: eventOf },
  [APPROVAL]: { method: 'POST', body: () => POLL },
};

/** A request as it came over the wire. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  /** Names in any case. */
  readonly headers: Readonly<Record<string, string>>;
  /** The body's text, `''` where there is none. */
  readonly raw: string;
  /** What `raw` says, where the caller has parsed it already. */
  readonly body?: unknown;
}

/** Where a request departs from the wire contract (Contract §1 to §3, §6, §8); empty where it does not. */
export function checkRequest(request: WireRequest): Violation[] {
  const call = entry(CALLS, request.path);
  if (!call) {
    return [{ field: 'path', problem: `Expected one of ${Object.keys(CALLS).join(', ')}, got "${request.path}"` }];
  }
  if (request.method !== call.method) {
    return [{ field: 'method', problem: `Expected ${call.method}, got ${request.method}` }];
  }
  const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]));
  return [...check(headersOf(headers, request.raw), headers, 'headers'), ...checkBody(call, request)];
}

function checkBody(call: Call, { raw, body }: WireRequest): Violation[] {
  if (!call.body) return raw === '' ? [] : [{ field: 'body', problem: 'Expected no body' }];
  let read: unknown;
  try {
    read = body ?? parseJson(raw);
  } catch (error) {
    return [{ field: 'body', problem: `Expected JSON: ${(error as Error).message}` }];
  }
  const violations = check(call.body(read), read);
  return isCompact(raw)
    ? violations
    : [...violations, { field: 'raw', problem: 'Expected compact JSON, without white space between its tokens' }];
}

function eventOf(body: unknown): Kind {
  if (!isObject(body)) return UNKNOWN_EVENT;
  // Either mark makes it a hook: one that lacks the other must not pass as a plain ActivityStarted.
  if (body['event_type'] === 'ActivityStarted' && ('hook_trigger' in body || 'spans' in body)) return HOOK;
  return entry(EVENTS, body['event_type']) ?? UNKNOWN_EVENT;
}
