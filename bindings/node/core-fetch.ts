import { AsyncResource } from 'node:async_hooks';
import { Pool } from 'undici';
import type { CoreFetch } from '../adapters/builtin-ports.ts';

/** More questions than this at once wait for a free connection. */
const CONNECTIONS = 128;
const KEEP_ALIVE_MS = 30_000;

/**
 * The way to Core: kept-alive connections of our own, out of reach of every patch.
 *
 * @param connectTimeout milliseconds
 */
export function openCoreFetch(openboxUrl: string, connectTimeout: number): CoreFetch {
  const pool = new Pool(new URL(openboxUrl).origin, {
    connections: CONNECTIONS,
    keepAliveTimeout: KEEP_ALIVE_MS,
    connect: { timeout: connectTimeout },
    // Each question has its own deadline, and a signal that ends it.
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  // Connections outlive the activity that opened them: they must not keep its context.
  const outside = new AsyncResource('OPENBOX_CORE', { requireManualDestroy: true });

  return {
    fetch: async (url, { method, headers, body, signal }) => {
      const { pathname, search } = new URL(url);
      const { statusCode, headers: received, body: answer } = await outside.runInAsyncScope(() =>
        pool.request({ path: pathname + search, method, headers, body: body ?? null, signal: signal ?? null }),
      );
      return {
        status: statusCode,
        headers: { get: (name) => valueOf(received[name.toLowerCase()]) },
        body: answer,
      };
    },
    close: async () => {
      await pool.close();
      outside.emitDestroy();
    },
  };
}

function valueOf(header: string | string[] | undefined): string | null {
  return Array.isArray(header) ? header.join(', ') : (header ?? null);
}
