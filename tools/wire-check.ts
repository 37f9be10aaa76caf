// Vitest runs this before every test file: whatever is sent to a Core in a test, a real one or one in memory, is held against the contract.
// Bun's own undici announces nothing: what is sent there is checked where it arrives, by the local Core.
import { subscribe } from 'node:diagnostics_channel';
import { relative } from 'node:path';
import { afterAll, afterEach, expect, vi } from 'vitest';
import type { Violation } from '../conformance/contract/check.ts';
import { checkRequest, type WireRequest } from '../conformance/contract/request.ts';
import type { memoryFetch } from '../core/ports/fetch.ts';
import { root } from './command.ts';

/** Tests that send what is no event, and why. */
export const EXEMPT: Readonly<Record<string, string>> = {
  'core/transport.test.ts': 'sends bodies that are no events, to paths that are none of Core\'s',
  'core/client.test.ts': 'sends bodies that are no events',
  'conformance/contract/': 'tests the check itself',
  'conformance/local-core/': 'tests what a Core says to a bad request',
};

let sent: WireRequest[] = [];

/** What was sent since the last call and departs from the contract, with the request's path in front. */
export function takeViolations(): readonly Violation[] {
  const requests = sent;
  sent = [];
  return requests.flatMap((request) => checkRequest(request).map(({ field, problem }) => ({ field: `${request.path} ${field}`, problem })));
}

/** A request of undici's, before it goes out. */
interface UndiciRequest {
  readonly method: string;
  readonly path: string;
  /** Names and values in turn. */
  readonly headers: readonly string[];
  readonly body: Uint8Array | string | null;
}

subscribe('undici:request:create', (message) => {
  const { method, path, headers: given, body } = (message as { request: UndiciRequest }).request;
  const headers = Object.fromEntries(given.flatMap((name, at) => (at % 2 === 0 ? [[name.toLowerCase(), String(given[at + 1])]] : [])));
  // `fetch` marks its requests: one to Core is a test's own, or an agent's.
  if (!path.startsWith('/api/v1/') || 'sec-fetch-mode' in headers) return;
  sent.push({ method, path, headers, raw: typeof body === 'string' ? body : new TextDecoder().decode(body ?? undefined) });
});

vi.mock(import('../core/ports/fetch.ts'), async (original) => {
  const real = await original();
  const watched: typeof memoryFetch = (answer) =>
    real.memoryFetch((request) => {
      const { url, method, headers, body = '' } = request;
      sent.push({ method, path: new URL(url).pathname, headers, raw: body });
      return answer(request);
    });
  return { ...real, memoryFetch: watched };
});

function assertContract(): void {
  const found = takeViolations();
  const file = relative(root, expect.getState().testPath ?? '');
  if (Object.keys(EXEMPT).some((start) => file.startsWith(start))) return;
  expect(found, 'what was sent to Core departs from the contract').toEqual([]);
}

afterEach(assertContract);
// What comes after the last test of a file.
afterAll(assertContract);
