import { anyText, type Fields, isObject, json, type JsonObject, object, optional } from '../contract/kinds.ts';
import type { Approval, Decision } from './approvals.ts';
import type { Core } from './core.ts';
import { readPolicy, refuseMalformed } from './read-policy.ts';

/** Where the control API stands, beside Core's own paths. */
export const CONTROL = '/_control';

/** A question to the control API, over HTTP or from the thread that started the local Core. */
export interface ControlRequest {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** Undefined where there is none. */
  readonly body: unknown;
}

export interface ControlResult {
  /** 200, 400 or 404; but for 200, `json` is `{ error }`. */
  readonly status: number;
  readonly json: unknown;
}

export type Control = (request: ControlRequest) => Promise<ControlResult>;

interface RouteRequest {
  readonly id: string;
  readonly query: URLSearchParams;
  readonly body: unknown;
}

/** What a handler throws becomes a 400. */
const ROUTES: Readonly<Record<string, (core: Core, request: RouteRequest) => unknown>> = {
  'GET /events': (core, { query }) => core.events.next(numberOf(query, 'after'), numberOf(query, 'wait_ms')),
  'GET /approvals': (core) => core.approvals.list(),
  'POST /approvals/:id/approve': (core, { id, body }) => {
    const given = fieldsOf(body, { redacted_input: optional(json) });
    const redacted = 'redacted_input' in given && { redactedInput: { value: given['redacted_input'] } };
    return settle(core, id, { status: 'approved', ...redacted });
  },
  'POST /approvals/:id/reject': (core, { id, body }) => {
    const { reason } = fieldsOf(body, { reason: optional(anyText) });
    return settle(core, id, { status: 'rejected', ...(typeof reason === 'string' && { reason }) });
  },
  'POST /approvals/:id/expire': (core, { id }) => settle(core, id, { status: 'expired' }),
  'POST /policy': (core, { body }) => {
    // Not even a string: it would be read as a path of this machine.
    if (!isObject(body)) throw new Error('Malformed policy: Expected an object');
    core.setPolicy(readPolicy(body));
    return {};
  },
  'POST /clear': (core) => {
    core.clear();
    return {};
  },
};

export function createControl(core: Core): Control {
  return async ({ method, path, body }) => {
    const url = new URL(path, 'http://local');
    const [, , what = '', id = '', action] = url.pathname.split('/');
    const handler = ROUTES[`${method} /${what}${action === undefined ? '' : `/:id/${action}`}`];
    if (!handler) {
      const known = Object.keys(ROUTES).join(', ');
      return { status: 404, json: { error: `No such control: ${method} ${url.pathname}; known: ${known}` } };
    }
    try {
      const request = { id: decodeURIComponent(id), query: url.searchParams, body };
      return { status: 200, json: await handler(core, request) };
    } catch (error) {
      return { status: 400, json: { error: (error as Error).message } };
    }
  };
}

function settle(core: Core, id: string, decision: Decision): Approval {
  const settled = core.approvals.settle(id, decision);
  if (settled === undefined) {
    const known = core.approvals.list().map((approval) => approval.id);
    throw new Error(`No approval "${id}"; known: ${known.join(', ') || 'none'}`);
  }
  if (typeof settled === 'string') throw new Error(settled);
  return settled;
}

function fieldsOf(body: unknown, fields: Fields): JsonObject {
  const given = body ?? {};
  refuseMalformed(object(fields), given, 'request');
  return given as JsonObject;
}

function numberOf(query: URLSearchParams, name: string): number {
  const number = Number(query.get(name) ?? 0);
  if (Number.isNaN(number)) throw new Error(`Malformed "${name}": expected a number, got "${query.get(name)}"`);
  return number;
}
