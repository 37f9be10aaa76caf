import type { AsyncEnd } from '../../core/disposable.ts';
import type { Approval } from './approvals.ts';
import { CONTROL } from './control.ts';
import type { CoreEvent } from './events.ts';
import type { Policy, When } from './policy.ts';
import { readPolicy } from './read-policy.ts';
import { type ApprovalMatch, waitForApproval, waitForEvent, type WaitOptions } from './wait.ts';

/** A local Core, and what a test does with it. Closed, its methods reject. */
export interface LocalCore extends AsyncEnd {
  /** For `OPENBOX_URL`. */
  readonly url: string;
  /** A key it accepts. */
  readonly apiKey: string;
  /** Every request since the start or the last `clear()`, in order. */
  events(): Promise<readonly CoreEvent[]>;
  /** Replaces the policy. Rejects where it is malformed. */
  setPolicy(policy: Policy | string): Promise<void>;
  /** Forgets events and approvals, and counts the policy's `times` anew. */
  clear(): Promise<void>;
  /** Every approval asked for since the start or the last `clear()`, in order. */
  approvals(): Promise<readonly Approval[]>;
  /** Grants, with other arguments where `redactedInput` is given (Contract §6). Rejects where it is not pending, as the next two do. */
  approve(id: string, changes?: { readonly redactedInput?: unknown }): Promise<Approval>;
  reject(id: string, reason?: string): Promise<Approval>;
  /** Lets its time pass. */
  expire(id: string): Promise<Approval>;
  /** The first request that matches, past ones included. Rejects with what came instead once the time is up. */
  waitForEvent(match: When | ((event: CoreEvent) => boolean), options?: WaitOptions): Promise<CoreEvent>;
  /** The first pending approval that matches. Rejects once the time is up. */
  waitForApproval(match?: ApprovalMatch & WaitOptions): Promise<Approval>;
  close(): Promise<void>;
}

/** A running local Core, and the way to its control API. */
export interface ControlledCore {
  readonly url: string;
  readonly apiKey: string;
  readonly call: (method: string, path: string, body?: unknown) => Promise<unknown>;
  readonly close: () => Promise<void>;
}

/** What a test does with a local Core, by its control API. */
export function createHandle({ url, apiKey, call, close }: ControlledCore): LocalCore {
  const get = (path: string): Promise<unknown> => call('GET', CONTROL + path);
  const post = (path: string, body?: unknown): Promise<unknown> => call('POST', CONTROL + path, body);
  const eventsAfter = (n: number, waitMs: number): Promise<readonly CoreEvent[]> =>
    get(`/events?after=${n}&wait_ms=${waitMs}`) as Promise<readonly CoreEvent[]>;
  const approvals = (): Promise<readonly Approval[]> => get('/approvals') as Promise<readonly Approval[]>;
  const settle = (id: string, action: string, body?: unknown): Promise<Approval> =>
    post(`/approvals/${encodeURIComponent(id)}/${action}`, body) as Promise<Approval>;
  return {
    url,
    apiKey,
    events: () => eventsAfter(0, 0),
    approvals,
    setPolicy: async (changed) => void (await post('/policy', readPolicy(changed))),
    clear: async () => void (await post('/clear')),
    approve: (id, { redactedInput } = {}) =>
      settle(id, 'approve', redactedInput === undefined ? undefined : { redacted_input: redactedInput }),
    reject: (id, reason) => settle(id, 'reject', reason === undefined ? undefined : { reason }),
    expire: (id) => settle(id, 'expire'),
    waitForEvent: (match, wait) => waitForEvent(eventsAfter, match, wait),
    waitForApproval: (match) => waitForApproval(eventsAfter, approvals, match),
    close,
    [Symbol.asyncDispose]: close,
  };
}
