import { openChannel } from './channel.ts';
import { createHandle, type LocalCore } from './handle.ts';
import type { Policy } from './policy.ts';
import { readPolicy } from './read-policy.ts';

export type { LocalCore } from './handle.ts';

/** How a local Core answers, and where it listens. */
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

/**
 * Starts a local Core: a real HTTP server on loopback, in a thread of its own, that speaks the wire contract and answers by a
 * policy. It does not keep the process alive. Throws where an option is malformed or the port is taken.
 */
export async function startLocalCore(options: LocalCoreOptions = {}): Promise<LocalCore> {
  const { policy, ...others } = options;
  const channel = await openChannel({
    ...others,
    ...(policy !== undefined && { policy: readPolicy(policy) }),
  });
  return createHandle({ ...channel, apiKey: options.apiKeys?.[0] ?? 'obx_test_local' });
}
