import { isUtf8 } from 'node:buffer';
import type { Violation } from '../contract/check.ts';
import { API_KEY } from '../contract/headers.ts';
import { parseJson } from '../contract/json.ts';
import { isObject } from '../contract/kinds.ts';
import { APPROVAL, CALLS, checkRequest, EVALUATE, VALIDATE } from '../contract/request.ts';
import { type Approvals, asksApproval, createApprovals } from './approvals.ts';
import { type Answered, createEventLog, type EventLog } from './events.ts';
import type { Subject } from './match.ts';
import type { Fault, Policy } from './policy.ts';
import { jsonReply, type Reply, toReply } from './reply.ts';
import { createRulebook } from './rulebook.ts';

export interface CoreOptions {
  readonly policy?: Policy;
  /** The keys that are valid; default any that is well formed. */
  readonly apiKeys?: readonly string[];
  /** Whether every violation of the contract is answered with 400, or only those Core itself refuses; default true. */
  readonly strict?: boolean;
}

/** The first line and headers of a request. */
interface Head {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Core without its network: requests in, replies out. */
export interface Core {
  readonly events: EventLog;
  readonly approvals: Approvals;
  receive(request: Head & { readonly bytes: Uint8Array }): Reply;
  setPolicy(policy: Policy): void;
  /** Forgets events and approvals, and counts the policy's `times` anew. */
  clear(): void;
}

const VALID = {
  valid: true,
  active: true,
  agent_id: 'agent-local',
  agent_name: 'local',
  environment: 'test',
  message: 'API key is valid',
};

/** The faults that answer nothing at all. */
const SILENT: ReadonlySet<Fault | undefined> = new Set<Fault>(['drop', 'reset', 'never']);

/** Throws where an API key is malformed, for no client could send it. */
export function createCore({ policy = {}, apiKeys, strict = true }: CoreOptions): Core {
  if (apiKeys && (apiKeys.length === 0 || !apiKeys.every((key) => API_KEY.test(key)))) {
    throw new Error(`Malformed apiKeys: expected one or more keys like "obx_test_…" (${API_KEY.source})`);
  }
  const events = createEventLog();
  const approvals = createApprovals();
  let rulebook = createRulebook(policy);
  const calls: Readonly<Record<string, (subject: Subject) => Reply>> = {
    [VALIDATE]: validate,
    [EVALUATE]: evaluate,
    [APPROVAL]: poll,
  };
  return {
    events,
    approvals,
    receive,
    setPolicy(changed) {
      policy = changed;
      rulebook = createRulebook(policy);
    },
    clear() {
      events.clear();
      approvals.clear();
      rulebook = createRulebook(policy);
    },
  };

  function receive({ bytes, ...head }: Head & { readonly bytes: Uint8Array }): Reply {
    // A byte order mark would be dropped by default, and is no JSON.
    const raw = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
    const body = bodyOf(raw);
    const violations = checkRequest({ ...head, raw, body });
    if (!isUtf8(bytes)) violations.push({ field: 'raw', problem: 'Expected UTF-8' });
    const subject = { path: head.path, body: isObject(body) ? body : {} };
    const reply = refusal(head, violations) ?? calls[head.path]?.(subject) ?? jsonReply(404, { error: 'Not found' });
    events.add({ ...head, raw, body: subject.body, answered: answered(reply), violations });
    return reply;
  }

  function refusal({ method, path, headers }: Head, violations: readonly Violation[]): Reply | undefined {
    if (!isAccepted(headers['authorization'])) return jsonReply(401, { error: 'Invalid API key' });
    const call = CALLS[path];
    if (!call) return undefined;
    if (method !== call.method) return jsonReply(405, { error: `Expected ${call.method}` });
    const violation = violations.find(
      ({ field }) => strict || (path === EVALUATE && (field === 'event_type' || field === 'body')),
    );
    return violation && jsonReply(400, { error: `${violation.field}: ${violation.problem}`, field: violation.field });
  }

  function validate(subject: Subject): Reply {
    return toReply(rulebook.find(subject) ?? { json: VALID });
  }

  function evaluate(subject: Subject): Reply {
    const rule = rulebook.find(subject);
    const answer = rule ?? rulebook.fallback;
    const reply = toReply(answer);
    const waiting = approvals.revisit(subject.body);
    // An answer with an approval_id of its own is the policy's business, polls included.
    if (reply.status === 200 && asksApproval(reply.json) && reply.json['approval_id'] === undefined) {
      return { ...reply, json: approvals.ask(subject.body, reply.json, answer) };
    }
    // The rule that asked may be used up (`times`) while its question is still open.
    return waiting && !rule ? jsonReply(200, waiting) : reply;
  }

  function poll(subject: Subject): Reply {
    const rule = rulebook.find(subject);
    if (rule) return toReply(rule);
    const standing = approvals.poll(subject.body);
    return standing
      ? jsonReply(200, standing)
      : jsonReply(404, { error: 'No approval was asked for by this activity' });
  }

  function isAccepted(authorization: string = ''): boolean {
    const key = /^Bearer (.*)$/.exec(authorization)?.[1] ?? '';
    return apiKeys ? apiKeys.includes(key) : API_KEY.test(key);
  }
}

function bodyOf(raw: string): unknown {
  try {
    return parseJson(raw);
  } catch {
    // Undefined: checkRequest tells what is wrong with it.
    return undefined;
  }
}

function answered({ status, json, text, fault }: Reply): Answered {
  const silent = SILENT.has(fault);
  return {
    status: silent ? null : status,
    ...(!silent && json !== undefined && { json }),
    ...(!silent && text !== undefined && { text }),
    ...(fault && { fault }),
  };
}
