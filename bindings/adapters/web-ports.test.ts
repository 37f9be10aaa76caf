import { createHmac } from 'node:crypto';
import { expect, test } from 'vitest';
import { resolveConfig } from '../../core/index.ts';
import { memoryFileSystem } from '../../core/ports/file-system.ts';
import { memoryLogger } from '../../core/ports/logger.ts';
import { createDigest } from './digest.ts';
import { startSite } from './test-support.ts';
import { webPorts } from './web-ports.ts';

const options = { openboxUrl: 'http://localhost:1', openboxApiKey: 'obx_test_web' };
const own = { digest: createDigest(createHmac), files: memoryFileSystem() };

test('questions go by the fetch that was there first', async () => {
  const site = await startSite((hit, response) => response.writeHead(201, { 'x-a': '1' }).end(hit.body));
  const { fetch: original } = globalThis;
  const { fetch } = webPorts(resolveConfig(options), own);
  globalThis.fetch = () => Promise.reject(new Error('patched'));
  try {
    const response = await fetch(site.url, { method: 'POST', headers: {}, body: 'question', redirect: 'manual' });
    let text = '';
    for await (const chunk of response.body ?? []) text += new TextDecoder().decode(chunk);
    expect([response.status, response.headers.get('X-A'), text]).toEqual([201, '1', 'question']);
  } finally {
    globalThis.fetch = original;
    await site.close();
  }
});

test('the caller’s logger is used, and HMACs are SHA-256 in hex', () => {
  const logger = memoryLogger();
  const ports = webPorts(resolveConfig({ ...options, logger }), own);
  expect(ports.logger).toBe(logger);
  // RFC 4231, test case 2.
  expect(ports.digest.hmac('Jefe', 'what do ya want for nothing?')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
});
