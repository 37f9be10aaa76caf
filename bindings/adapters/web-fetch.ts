import type { Fetch, ProcessSlot } from '../../core/index.ts';
import { unpatched } from './unpatched.ts';

/** The way to Core by the runtime's own `fetch`, as it was before it was patched. */
export function webFetch(slot: Pick<ProcessSlot, 'installed'>): Fetch {
  const fetch = unpatched(slot, 'fetch', globalThis.fetch);
  return async (url, init) => {
    const response = await fetch(url, init);
    return { status: response.status, headers: response.headers, body: response.body };
  };
}
