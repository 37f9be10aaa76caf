import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Pool } from 'undici';
import { describe, expect, it } from 'vitest';
import { startSite } from '../bindings/adapters/test-support.ts';
import { EVENT_SAMPLES, JSON_HEADERS } from '../conformance/contract/test-support.ts';
import { memoryFetch } from '../core/ports/fetch.ts';
import { formatJson } from '../conformance/contract/json.ts';
import { root } from './command.ts';
import { EXEMPT, takeViolations } from './wire-check.ts';

const EVALUATE = '/api/v1/governance/evaluate';
const valid = formatJson(EVENT_SAMPLES.WorkflowStarted);
const planted = formatJson({ ...EVENT_SAMPLES.WorkflowStarted, planted: true });
const found = [expect.objectContaining({ field: `${EVALUATE} planted` })];

describe('what a test sends to Core is held against the contract', () => {
  it('in memory', async () => {
    const fetch = memoryFetch(() => ({ json: {} }));
    const send = (body: string): Promise<unknown> =>
      fetch(`http://localhost${EVALUATE}`, { method: 'POST', headers: { ...JSON_HEADERS }, body, redirect: 'manual' });
    await send(valid);
    expect(takeViolations()).toEqual([]);
    await send(planted);
    expect(takeViolations()).toEqual(found);
    expect(takeViolations()).toEqual([]);
  });

  it('over the wire, whoever listens; what an agent fetches is its own', async () => {
    const site = await startSite((_, response) => response.end('{}'));
    const pool = new Pool(site.url);
    const send = async (body: string): Promise<void> => {
      const answer = await pool.request({ path: EVALUATE, method: 'POST', headers: JSON_HEADERS, body });
      await answer.body.dump();
    };
    await send(valid);
    expect(takeViolations()).toEqual([]);
    await send(planted);
    expect(takeViolations()).toEqual(found);
    await fetch(site.url + EVALUATE, { method: 'POST', body: planted });
    expect(takeViolations()).toEqual([]);
    expect(site.hits).toHaveLength(3);
    await pool.close();
    await site.close();
  });
});

it('exempts only what exists', () => {
  for (const path of Object.keys(EXEMPT)) expect(existsSync(join(root, path)), path).toBe(true);
});
