import type { Approval } from './approvals.ts';
import { openChannel } from './channel.ts';
import { CONTROL } from './control.ts';
import type { CoreEvent } from './events.ts';
import type { Policy, When } from './policy.ts';
import { readPolicy } from './read-policy.ts';
import { type ApprovalMatch, waitForApproval, waitForEvent, type WaitOptions } from './wait.ts';

export interface LocalCoreOptions {
  /** The policy, or the path of a JSON file with one; default: everything is allowed. */
  readonly policy?: Policy | string;
  /** The keys that are valid; default any that is well formed (Contract §1). */
  readonly apiKeys?: readonly string[];
  /** Whether a request that breaks the wire contract is answered with 400 rather than only noted; default true. */
  readonly strict?: boolean;
  /** Default any that is free. */
  readonly port?: number;
  readonly host?: '127.0.0.1';
}

/** A local Core, and what a test does with it. Closed, its methods reject. */
export interface LocalCore extends AsyncDisposable {
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

/**
 * Starts a local Core: a real HTTP server on loopback, in a thread of its own, that speaks the wire contract and answers by a
 * policy. It does not keep the process alive. Throws where an option is malformed or the port is taken.
 */
export async function startLocalCore(options: LocalCoreOptions = {}): Promise<LocalCore> {
  const { policy, ...others } = options;
  const { url, call, close } = await openChannel({
    ...others,
    ...(policy !== undefined && { policy: readPolicy(policy) }),
  });
  const get = (path: string): Promise<unknown> => call('GET', CONTROL + path);
  const post = (path: string, body?: unknown): Promise<unknown> => call('POST', CONTROL + path, body);
  const eventsAfter = (n: number, waitMs: number): Promise<readonly CoreEvent[]> =>
    get(`/events?after=${n}&wait_ms=${waitMs}`) as Promise<readonly CoreEvent[]>;
  const approvals = (): Promise<readonly Approval[]> => get('/approvals') as Promise<readonly Approval[]>;
  const settle = (id: string, action: string, body?: unknown): Promise<Approval> =>
    post(`/approvals/${encodeURIComponent(id)}/${action}`, body) as Promise<Approval>;
  return {
    url,
    apiKey: options.apiKeys?.[0] ?? 'obx_test_local',
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
