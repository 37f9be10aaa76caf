import { AsyncLocalStorage } from 'node:async_hooks';
import fs, { promises } from 'node:fs';
import http, { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import https from 'node:https';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { devNull } from 'node:os';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import {
  type ActivityHost,
  createGate,
  createGrants,
  createGovernor,
  createScopes,
  type Gate,
  type Governor,
  type OpenBoxOptions,
  type Ports,
  type ProcessSlot,
  randomTracer,
  resolveConfig,
  runActivity,
  systemClock,
} from '../../core/index.ts';
import { memoryDigest } from '../../core/ports/digest.ts';
import { memoryFetch, type RecordedRequest } from '../../core/ports/fetch.ts';
import { memoryLogger } from '../../core/ports/logger.ts';
import { memorySyncGate } from '../../core/ports/sync-gate.ts';
import { createSlot } from '../../core/slot.ts';
import { contextsBy } from './async-context.ts';
import { installFetch } from './fetch.ts';
import type { FileModule } from './file-module.ts';
import { installHttp } from './http-client.ts';
import { createPatches } from './wrap.ts';

type Fields = Readonly<Record<string, unknown>>;
export type CannedAnswer = Awaited<ReturnType<Parameters<typeof memoryFetch>[0]>>;

/** A question to Core: the whole body, its one span, and what it is about in one word. */
export interface Asked {
  readonly event: Fields;
  readonly span: Fields;
  /** `ActivityStarted`, `http_request/started` … */
  readonly step: string;
}

export type Answering = (asked: Asked) => CannedAnswer | Promise<CannedAnswer> | undefined;

/** Everything an adapter needs, on real contexts and an in-memory Core. */
export interface World {
  readonly governor: Governor;
  readonly gate: Gate;
  readonly slot: ProcessSlot;
  readonly log: ReturnType<typeof memoryLogger>;
  readonly requests: readonly RecordedRequest[];
  /** What was asked about operations, in order. */
  asked(): Asked[];
  /** The steps of `asked`. */
  steps(): string[];
  /** Runs `body` as one activity. */
  activity<R>(body: () => Promise<R>, host?: Partial<ActivityHost>): Promise<R>;
}

export const ALLOW: CannedAnswer = { json: { verdict: 'allow' } };
export const BLOCK: CannedAnswer = { json: { verdict: 'block', reason: 'not here' } };

/** Answers one step, and ALLOW to everything else. */
export const at =
  (step: string, answer: CannedAnswer): Answering =>
  (asked) =>
    asked.step === step ? answer : undefined;

const contextStorage = contextsBy(AsyncLocalStorage);

export function createWorld(answer: Answering = () => undefined, options: OpenBoxOptions = {}, ports: Partial<Ports> = {}): World {
  const log = memoryLogger();
  const fetch = memoryFetch((request) => answer(read(request.body)) ?? ALLOW);
  const config = resolveConfig({ openboxUrl: 'http://localhost:8086', openboxApiKey: 'obx_test_adapters', ...options });
  const scopes = createScopes(contextStorage);
  const files = { resolve: (path: string) => resolve(path), realPath: async (path: string) => path, realPathSync: (path: string) => path };
  const own: Ports = { fetch, clock: systemClock, digest: memoryDigest, files, logger: log, tracer: randomTracer, ...ports };
  const governor = createGovernor(config, own, scopes, 'core');
  const asked = (): Asked[] => fetch.requests.map(({ body }) => read(body)).filter(({ event }) => event['hook_trigger'] === true);
  let count = 0;
  return {
    governor,
    gate: createGate(scopes),
    slot: createSlot(scopes),
    log,
    requests: fetch.requests,
    asked,
    steps: () => asked().map(({ step }) => step),
    activity: async (body, host) => {
      const id = String(++count);
      const info = { workflowId: 'wf-1', runId: 'run-1', workflowType: 'Agent', activityId: id, activityType: 'act', taskQueue: 'q', attempt: 1 };
      return runActivity(governor, info, [], body, { grants: createGrants(), approval: 'here', halt: async () => {}, ...host });
    },
  };
}

export interface SyncWorld extends World {
  /** What was asked about operations, by threads that stood still first. */
  spans(): Fields[];
}

/** A world whose sync gate blocks this stage, if any. */
export function createSyncWorld(blocked?: 'started' | 'completed', options: OpenBoxOptions = {}, ports: Partial<Ports> = {}): SyncWorld {
  const syncGate = memorySyncGate((body) => {
    const verdict = read(body).span['stage'] === blocked ? 'block' : 'allow';
    return { kind: 'answered', answer: { verdict, reason: null, policyId: null, approvalId: null, approvalExpirationTime: null, constraints: null } };
  });
  const world = createWorld(undefined, options, { syncGate, ...ports });
  return { ...world, spans: () => [...syncGate.asked.map((body) => read(body).span), ...world.asked().map(({ span }) => span)] };
}

/** A world in which `fetch` is patched until `release`, or until the running test has ended. */
export function startFetch(answer?: Answering, options?: OpenBoxOptions): World & { release(): void } {
  const world = createWorld(answer, options);
  const patches = createPatches(world.slot.installed, world.gate);
  onTestFinished(patches.release);
  if (!installFetch(patches, globalThis)) throw new Error('fetch could not be patched');
  return { ...world, release: patches.release };
}

/** A world in which `node:http` and `node:https` are patched until `release`, or until the running test has ended. */
export function startHttp(answer?: Answering, options?: OpenBoxOptions, ports?: Partial<Ports>): World & { release(): void } {
  const world = createWorld(answer, options, ports);
  const patches = createPatches(world.slot.installed, world.gate);
  onTestFinished(patches.release);
  installHttp(patches, { http, https, Buffer });
  if (patches.missing.length > 0) throw new Error(`Not patched: ${patches.missing.join(', ')}`);
  return { ...world, release: patches.release };
}

function read(body = '{}'): Asked {
  const event = JSON.parse(body) as Fields;
  const [span = {}] = (event['spans'] ?? []) as Fields[];
  const step = event['hook_trigger'] === true ? `${String(span['hook_type'])}/${String(span['stage'])}` : String(event['event_type']);
  return { event, span, step };
}

/** Node's own file functions. */
export const fileModule: FileModule = {
  fs,
  promises,
  nullDevice: devNull,
  fileUrlToPath: fileURLToPath,
  encode: (text, encoding) => Buffer.from(text, encoding as BufferEncoding),
  isEncoding: (encoding) => Buffer.isEncoding(encoding),
};

/** What a server saw of one request. */
export interface Hit {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

export interface Site {
  readonly url: string;
  readonly hits: Hit[];
  /** TCP connections it was ever sent. */
  connections(): number;
  close(): Promise<void>;
}

/** A server on this machine that reads a request whole, keeps it, and then lets `handle` answer. */
export async function startSite(handle: (hit: Hit, response: ServerResponse) => unknown): Promise<Site> {
  const hits: Hit[] = [];
  let connections = 0;
  const server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      const hit = { method, url, headers, body: Buffer.concat(chunks).toString() };
      hits.push(hit);
      handle(hit, response);
    });
  });
  server.on('connection', () => void connections++);
  await new Promise<void>((listening) => void server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    hits,
    connections: () => connections,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
}

/** A promise and the function that settles it. */
export function deferred<T = void>(): { readonly promise: Promise<T>; resolve(value: T): void } {
  let resolvePromise!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolvePromise = settle));
  return { promise, resolve: resolvePromise };
}
