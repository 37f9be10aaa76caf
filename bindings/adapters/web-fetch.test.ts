import { expect, test } from 'vitest';
import { createWorld, startSite } from './test-support.ts';
import { installFetch } from './fetch.ts';
import { webFetch } from './web-fetch.ts';
import { createPatches } from './wrap.ts';

test('questions go by the fetch that was there before any patch', async () => {
  const site = await startSite((hit, response) => response.writeHead(201, { 'x-a': '1' }).end(hit.body));
  const world = createWorld();
  const patches = createPatches(world.slot.installed, world.gate);
  installFetch(patches, globalThis);
  const patched = globalThis.fetch;
  try {
    const fetch = webFetch(world.slot);
    const response = await world.activity(() => fetch(site.url, { method: 'POST', headers: {}, body: 'question', redirect: 'manual' }));
    let text = '';
    for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk);
    expect([response.status, response.headers.get('X-A'), text]).toEqual([201, '1', 'question']);
    expect(globalThis.fetch).toBe(patched);
    expect(world.steps()).toEqual([]);
  } finally {
    patches.release();
    await site.close();
  }
});
