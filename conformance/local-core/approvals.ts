import { isObject, type JsonObject } from '../contract/kinds.ts';
import { spanOf } from './match.ts';
import type { Answer } from './policy.ts';

const HOUR = 3_600_000;
const MINUTE = 60_000;

/** Where an approval of the local Core stands. */
export type ApprovalStatus = 'pending' | 'approved' | 'rejected' | 'expired';

/** An approval that the local Core has asked for (Contract §6). */
export interface Approval {
  readonly id: string;
  readonly workflow_id: string;
  readonly run_id: string;
  readonly activity_id: string;
  readonly activity_type: string;
  /** What of the activity it is about: `ActivityStarted`, or an operation, `http_request started GET https://…`. */
  readonly about: string;
  readonly status: ApprovalStatus;
  /** Why it was asked: the reason that came with the question. */
  readonly question?: string;
  /** Why it was rejected. */
  readonly reason?: string;
  /** Unix milliseconds. */
  readonly askedAt: number;
  /** Unix milliseconds; null where the policy's own time cannot be read. */
  readonly expiresAt: number | null;
  /** How often it was polled. */
  readonly polls: number;
}

/** What a human decided, or that nobody did in time. */
export type Decision =
  | { readonly status: 'approved'; readonly redactedInput?: { readonly value: unknown } }
  | { readonly status: 'rejected'; readonly reason?: string }
  | { readonly status: 'expired' };

/** The approvals of one local Core. */
export interface Approvals {
  /** The answer to a step whose verdict asks for approval: the question, or `allow` where it was granted before. */
  ask(body: JsonObject, wanted: JsonObject, answer: Answer): JsonObject;
  /** A step is evaluated again: a grant is used up by it, and a question still open is given back. */
  revisit(body: JsonObject): JsonObject | undefined;
  /** The answer to a poll; nothing where the activity never asked. */
  poll(body: JsonObject): JsonObject | undefined;
  list(): readonly Approval[];
  /** The approval as decided; a text says why it can't be, nothing that there is none of that id. */
  settle(id: string, decision: Decision): Approval | string | undefined;
  clear(): void;
}

interface Entry {
  readonly id: string;
  readonly body: JsonObject;
  readonly step: string;
  /** The answer that asked. */
  readonly question: JsonObject;
  readonly askedAt: number;
  status: ApprovalStatus;
  reason?: string;
  /** Boxed, for a null is a redacted input too. */
  redactedInput?: { readonly value: unknown };
  expiresAt: number;
  polls: number;
  /** The step has gone on with it, or asked anew. */
  closed: boolean;
  /** The number of its last poll among all polls, 0 where there was none. */
  lastPoll: number;
}

/** What tells one operation of an activity from another; span ids and times differ at each try. */
const STEP_FIELDS = [
  'hook_type', 'stage', 'http_method', 'http_url', 'file_path', 'file_operation', 'db_operation', 'db_statement', 'function',
];

/** Those of them that say what it is; a statement begins with its operation. */
const ABOUT_FIELDS = STEP_FIELDS.filter((name) => name !== 'db_operation');

/** Whether a verdict asks for approval (Contract §4). */
export function asksApproval(json: unknown): json is JsonObject {
  if (!isObject(json)) return false;
  const word = json['verdict'] ?? json['action'];
  return word === 2 || /^(?:require|request)[_-]approval$/i.test(String(word));
}

export function createApprovals(): Approvals {
  const entries: Entry[] = [];
  const lastOf = new Map<string, Entry>();
  let opened = 0;
  let polls = 0;
  return { ask, revisit, poll, list, settle, clear };

  function ask(body: JsonObject, wanted: JsonObject, answer: Answer): JsonObject {
    const former = latest(stepOf(body));
    if (former?.status === 'pending') return former.question;
    if (former?.status === 'approved' && !answer.approval_repeats) return { verdict: 'allow' };
    if (former) former.closed = true;
    return create(body, wanted, answer.approval_ttl_ms ?? HOUR).question;
  }

  function revisit(body: JsonObject): JsonObject | undefined {
    const entry = latest(stepOf(body));
    if (entry?.status === 'approved') entry.closed = true;
    return entry?.status === 'pending' ? entry.question : undefined;
  }

  function create(body: JsonObject, wanted: JsonObject, ttlMs: number): Entry {
    const now = Date.now();
    opened += 1;
    const id = `apr-${opened}`;
    const given = wanted['approval_expiration_time'];
    const expiration = typeof given === 'string' ? given : new Date(now + ttlMs).toISOString();
    const entry: Entry = {
      id,
      body,
      step: stepOf(body),
      question: { ...wanted, approval_id: id, approval_expiration_time: expiration },
      status: 'pending',
      expiresAt: instant(expiration),
      askedAt: now,
      polls: 0,
      closed: false,
      lastPoll: 0,
    };
    entries.push(entry);
    lastOf.set(entry.step, entry);
    return entry;
  }

  function poll(body: JsonObject): JsonObject | undefined {
    const entry = polled(activityOf(body));
    if (!entry) return undefined;
    polls += 1;
    entry.lastPoll = polls;
    entry.polls += 1;
    return answerOf(entry);
  }

  /** A poll names no approval. Where an activity has several open, they take turns, so each waiter meets its own by its id. */
  function polled(activity: string): Entry | undefined {
    const candidates = current().filter((entry) => activityOf(entry.body) === activity);
    const open = candidates.filter((entry) => !entry.closed);
    return open.length > 0
      ? open.reduce((one, other) => (other.lastPoll < one.lastPoll ? other : one))
      : candidates.at(-1);
  }

  function list(): readonly Approval[] {
    return current().map(toApproval);
  }

  function settle(id: string, decision: Decision): Approval | string | undefined {
    const entry = current().find((each) => each.id === id);
    if (!entry) return undefined;
    if (entry.status !== 'pending') return `The approval "${id}" is ${entry.status} already`;
    Object.assign(entry, decision);
    // Clearly past, for a client compares whole seconds of the Date header.
    if (decision.status === 'expired') entry.expiresAt = Date.now() - MINUTE;
    return toApproval(entry);
  }

  function latest(step: string): Entry | undefined {
    expireOverdue();
    return lastOf.get(step);
  }

  function current(): readonly Entry[] {
    expireOverdue();
    return entries;
  }

  function expireOverdue(): void {
    const now = Date.now();
    for (const entry of entries) {
      if (entry.status === 'pending' && entry.expiresAt < now) entry.status = 'expired';
    }
  }

  function clear(): void {
    entries.splice(0);
    lastOf.clear();
  }
}

function answerOf(entry: Entry): JsonObject {
  const { id, status, redactedInput } = entry;
  if (status === 'approved') {
    const guardrails = redactedInput && {
      input_type: 'activity_input',
      redacted_input: redactedInput.value,
      validation_passed: true,
    };
    return { verdict: 'allow', id, ...(guardrails && { guardrails_result: guardrails }) };
  }
  if (status === 'rejected') return { verdict: 'block', id, ...(entry.reason !== undefined && { reason: entry.reason }) };
  // An expiry is told as Core tells it: the question stays, its time has passed.
  const expiration =
    status === 'expired' ? new Date(entry.expiresAt).toISOString() : entry.question['approval_expiration_time'];
  return { verdict: 'require_approval', id, approval_expiration_time: expiration };
}

function toApproval({ id, body, question, status, reason, askedAt, expiresAt, polls }: Entry): Approval {
  const asked = question['reason'];
  const field = (name: string): string => {
    const value = body[name];
    return typeof value === 'string' ? value : '';
  };
  return {
    id,
    workflow_id: field('workflow_id'),
    run_id: field('run_id'),
    activity_id: field('activity_id'),
    activity_type: field('activity_type'),
    about: aboutOf(body),
    status,
    ...(typeof asked === 'string' && { question: asked }),
    ...(reason !== undefined && { reason }),
    askedAt,
    expiresAt: Number.isFinite(expiresAt) ? expiresAt : null,
    polls,
  };
}

function activityOf(body: JsonObject): string {
  return JSON.stringify(['workflow_id', 'run_id', 'activity_id'].map((name) => body[name] ?? ''));
}

function aboutOf(body: JsonObject): string {
  const span = spanOf(body);
  const fields = ABOUT_FIELDS.map((name) => span[name]).filter((value) => typeof value === 'string');
  return fields.length > 0 ? fields.join(' ') : String(body['event_type']);
}

function stepOf(body: JsonObject): string {
  const span = spanOf(body);
  return JSON.stringify([activityOf(body), body['event_type'], ...STEP_FIELDS.map((name) => span[name] ?? null)]);
}

/** Core's three ways to write a time; one without a zone is UTC. One that can't be read never comes. */
function instant(time: string): number {
  const zoned = /(?:Z|[+-]\d\d:?\d\d)$/i.test(time) ? time : `${time}Z`;
  const at = Date.parse(zoned.replace(' ', 'T'));
  return Number.isNaN(at) ? Infinity : at;
}
