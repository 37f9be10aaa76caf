import { afterAll, beforeEach } from 'vitest';
import { formatJson } from '../contract/json.ts';
import type { JsonObject } from '../contract/kinds.ts';
import { APPROVAL, EVALUATE } from '../contract/request.ts';
import { JSON_HEADERS, POLL_SAMPLE } from '../contract/test-support.ts';
import type { Policy } from './policy.ts';
import { type LocalCore, type LocalCoreOptions, startLocalCore } from './start.ts';

/** Anything with the URL of a local Core. */
interface At {
  readonly url: string;
}

/** A local Core for all tests of a file, with this policy and no events before each. */
export async function startTestCore(policy: Policy = {}, options?: LocalCoreOptions): Promise<LocalCore> {
  const core = await startLocalCore(options);
  beforeEach(async () => {
    await core.setPolicy(policy);
    await core.clear();
  });
  afterAll(() => core.close());
  return core;
}

/** Sends a request as a client would, headers and all. */
export function post(
  { url }: At,
  path: string,
  body: JsonObject | string,
  { headers, ...init }: Omit<RequestInit, 'headers'> & { readonly headers?: Readonly<Record<string, string>> } = {},
): Promise<Response> {
  return fetch(url + path, {
    method: 'POST',
    headers: { ...JSON_HEADERS, ...headers },
    body: typeof body === 'string' ? body : formatJson(body),
    ...init,
  });
}

/** Evaluates an event, and reads the answer's JSON. */
export async function verdictOf(core: At, event: JsonObject): Promise<JsonObject> {
  return (await (await post(core, EVALUATE, event)).json()) as JsonObject;
}

/** Polls for an approval, and reads the answer's JSON. */
export async function pollOf(core: At, body: JsonObject = POLL_SAMPLE): Promise<JsonObject> {
  return (await (await post(core, APPROVAL, body)).json()) as JsonObject;
}
