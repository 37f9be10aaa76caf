import { once } from 'node:events';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { formatJson } from '../contract/json.ts';
import { EVALUATE } from '../contract/request.ts';
import { EVENT_SAMPLES, JSON_HEADERS } from '../contract/test-support.ts';
import type { Answer } from './policy.ts';
import { post, startTestCore, verdictOf } from './test-support.ts';

const EVENT = EVENT_SAMPLES.ActivityStarted;
const MEBIBYTE = 1024 * 1024;

const core = await startTestCore();

async function ask(answer: Answer): Promise<Response> {
  await core.setPolicy({ rules: [{ when: {}, answer, times: 1 }] });
  return post(core, EVALUATE, EVENT);
}

/** What a bare socket sees of the answer. */
async function onTheWire(answer: Answer): Promise<{ bytes: string; error?: string }> {
  await core.setPolicy({ rules: [{ when: {}, answer, times: 1 }] });
  const body = formatJson(EVENT);
  const socket = connect(Number(new URL(core.url).port), '127.0.0.1').setEncoding('utf8');
  const heads = Object.entries({ host: 'x', connection: 'close', ...JSON_HEADERS, 'content-length': String(Buffer.byteLength(body)) });
  socket.write(`POST ${EVALUATE} HTTP/1.1\r\n${heads.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n${body}`);
  let bytes = '';
  let error: string | undefined;
  socket.on('data', (chunk) => void (bytes += String(chunk)));
  socket.on('error', (failure: NodeJS.ErrnoException) => void (error = failure.code));
  await new Promise((resolve) => socket.once('close', resolve));
  return { bytes, ...(error !== undefined && { error }) };
}

async function answered(): Promise<unknown> {
  return (await core.events()).at(-1)?.answered;
}

describe('an answer', () => {
  it('is a verdict, whatever its fields hold', async () => {
    const response = await ask({ verdict: 7, reason: null, metadata: { a: [1] }, guardrails_result: 'x' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ verdict: 7, reason: null, metadata: { a: [1] }, guardrails_result: 'x' });
  });

  it('is a status with JSON, text, headers or nothing', async () => {
    const busy = await ask({ status: 503, json: [1], headers: { 'retry-after': '2' } });
    expect([busy.status, busy.headers.get('retry-after'), await busy.json()]).toEqual([503, '2', [1]]);
    const plain = await ask({ status: 201, text: 'hi', headers: { 'content-type': 'text/plain' } });
    expect([plain.status, plain.headers.get('content-type'), await plain.text()]).toEqual([201, 'text/plain', 'hi']);
    const empty = await ask({ status: 204 });
    expect([empty.status, empty.headers.get('content-type'), await empty.text()]).toEqual([204, null, '']);
    const nothing = await ask({ json: null });
    expect(await nothing.text()).toBe('null');
  });

  it('comes late where it says so', async () => {
    const start = performance.now();
    expect(await (await ask({ verdict: 'halt', delay_ms: 60 })).json()).toEqual({ verdict: 'halt' });
    expect(performance.now() - start).toBeGreaterThan(55);
  });

  it('is kept with its event', async () => {
    await ask({ status: 503, json: { a: 1 } });
    expect(await answered()).toEqual({ status: 503, json: { a: 1 } });
    await ask({ text: 'hi' });
    expect(await answered()).toEqual({ status: 200, text: 'hi' });
  });
});

describe('a fault', () => {
  it('drop: the connection ends without a byte', async () => {
    expect(await onTheWire({ fault: 'drop' })).toEqual({ bytes: '' });
    expect(await answered()).toEqual({ status: null, fault: 'drop' });
    await expect(ask({ fault: 'drop' })).rejects.toThrow('fetch failed');
  });

  it('reset: the connection is reset', async () => {
    expect(await onTheWire({ fault: 'reset' })).toEqual({ bytes: '', error: 'ECONNRESET' });
    expect(await answered()).toEqual({ status: null, fault: 'reset' });
    await expect(ask({ fault: 'reset' })).rejects.toThrow('fetch failed');
  });

  it('never: the request arrives, and others are answered meanwhile', async () => {
    await core.setPolicy({ rules: [{ when: { attempt: 1 }, answer: { fault: 'never' } }] });
    const abort = new AbortController();
    let settled = false;
    const pending = post(core, EVALUATE, EVENT, { signal: abort.signal }).finally(() => void (settled = true));
    const { answered: told } = await core.waitForEvent({ attempt: 1 });
    expect(told).toEqual({ status: null, fault: 'never' });
    expect(await verdictOf(core, { ...EVENT, attempt: 2 })).toEqual({ verdict: 'allow' });
    expect(settled).toBe(false);
    abort.abort();
    await expect(pending).rejects.toThrow('aborted');
  });

  it('garbage: JSON by its type only', async () => {
    const response = await ask({ fault: 'garbage' });
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json']);
    const text = await response.text();
    expect(text).not.toBe('');
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(await answered()).toEqual({ status: 200, text, fault: 'garbage' });
  });

  it('wrong_type: HTML, with the status given', async () => {
    const response = await ask({ fault: 'wrong_type', status: 502 });
    expect([response.status, response.headers.get('content-type')]).toEqual([502, 'text/html']);
    expect(await response.text()).toMatch(/^<!doctype html>/);
  });

  it('slow_body: comes in pieces, over the time given', async () => {
    const answer: Answer = { fault: 'slow_body', body_ms: 120, verdict: 'block', reason: 'x'.repeat(200) };
    const start = performance.now();
    const { bytes } = await onTheWire(answer);
    expect(performance.now() - start).toBeGreaterThan(100);
    // One chunk of HTTP a piece, and the empty one that ends the body.
    expect(bytes.match(/^[\da-f]+\r$/gm)).toHaveLength(21);
    expect(await (await ask({ ...answer, body_ms: 20 })).json()).toEqual({ verdict: 'block', reason: 'x'.repeat(200) });
  });

  it('slow_body: without a body it is an allow', async () => {
    expect(await (await ask({ fault: 'slow_body', body_ms: 20 })).json()).toEqual({ verdict: 'allow' });
  });

  it('huge: over 4 MiB by default, still JSON', async () => {
    const text = await (await ask({ fault: 'huge' })).text();
    expect(text.length).toBeGreaterThan(5 * MEBIBYTE);
    expect(JSON.parse(text)).toMatchObject({ verdict: 'allow' });
    const smaller = await (await ask({ fault: 'huge', bytes: 1000, verdict: 'block' })).text();
    expect(smaller.length).toBeLessThan(1100);
    expect(JSON.parse(smaller)).toEqual({ verdict: 'block', padding: 'x'.repeat(1000) });
    expect(await answered()).toEqual({ status: 200, json: { verdict: 'block' }, fault: 'huge' });
  });

  it('comes late where it says so', async () => {
    const start = performance.now();
    expect(await onTheWire({ fault: 'drop', delay_ms: 60 })).toEqual({ bytes: '' });
    expect(performance.now() - start).toBeGreaterThan(55);
  });

  it('for a client that has gone hurts nobody', async () => {
    await core.setPolicy({ rules: [{ when: {}, answer: { fault: 'drop', delay_ms: 30 }, times: 1 }] });
    const abort = new AbortController();
    const gone = post(core, EVALUATE, EVENT, { signal: abort.signal });
    await core.waitForEvent({});
    abort.abort();
    await expect(gone).rejects.toThrow('aborted');
    // Later than the fault.
    await core.setPolicy({ default: { verdict: 'block', delay_ms: 60 } });
    expect(await verdictOf(core, EVENT)).toEqual({ verdict: 'block' });
  });
});

it('forgets a client that goes away in the middle of its body', async () => {
  const socket = connect(Number(new URL(core.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`POST ${EVALUATE} HTTP/1.1\r\nhost: x\r\ncontent-length: 1000\r\n\r\n{`, () => socket.destroy());
  await once(socket, 'close');
  expect(await verdictOf(core, EVENT)).toEqual({ verdict: 'allow' });
  expect(await core.events()).toHaveLength(1);
});
