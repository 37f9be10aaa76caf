import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { GovernanceBlockedError } from '../../core/index.ts';
import { at, BLOCK, startHttp } from './test-support.ts';

// Made for these tests: certificate and key of localhost, signed by itself.
const pem = readFileSync(join(import.meta.dirname, 'test-certificate.pem'), 'utf8');
let connections = 0;
const server = https.createServer({ cert: pem, key: pem }, (request, response) => {
  response.setHeader('content-type', 'text/plain');
  request.pipe(response);
});
server.on('connection', () => void connections++);
let url: string;

beforeAll(async () => {
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterAll(() => new Promise<void>((closed) => {
  server.close(() => closed());
  server.closeAllConnections();
}));

async function answer(request: ReturnType<typeof https.request>): Promise<string> {
  const [message] = (await once(request, 'response')) as [IncomingMessage];
  return text(message);
}

test.each<[string, https.RequestOptions]>([
  ['the agent of all', {}],
  ['an agent of its own', { agent: new https.Agent({ ca: pem }) }],
  ['none', { agent: false }],
])('requests with %s are told', async (_, options) => {
  const world = startHttp();
  const call = (): Promise<string> => answer(https.request(url, { method: 'POST', ca: pem, ...options }).end('sent'));
  expect(await world.activity(call)).toBe('sent');
  expect(world.asked()).toMatchObject([{ span: { http_url: url, request_body: 'sent' } }, { span: { response_body: 'sent' } }]);
});

test('get and options', async () => {
  const world = startHttp();
  const { port } = new URL(url);
  expect(await world.activity(() => answer(https.get({ host: '127.0.0.1', port, ca: pem })))).toBe('');
  expect(world.asked()).toMatchObject([{ span: { http_url: url, request_body: null } }, { span: { response_body: '' } }]);
});

test('a block opens no connection', async () => {
  const before = connections;
  const world = startHttp(at('http_request/started', BLOCK));
  await expect(world.activity(() => answer(https.get(url, { ca: pem })))).rejects.toThrow(GovernanceBlockedError);
  expect(connections).toBe(before);
});

test('a certificate nobody knows is the caller’s own error', async () => {
  const world = startHttp();
  await expect(world.activity(() => answer(https.get(url)))).rejects.toMatchObject({ code: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
  expect(world.steps()).toEqual(['http_request/started', 'http_request/completed']);
});
