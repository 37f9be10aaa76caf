import type { ActivityHost } from './activity-host.ts';
import type { ActivityInfo } from './activity-info.ts';
import { type Attempt, openAttempt } from './attempt.ts';
import { type OpenBoxOptions, resolveConfig } from './config.ts';
import { createGovernor, createScopes, type Governor } from './governor.ts';
import { createGrants } from './grants.ts';
import type { FunctionOperation, Report } from './operation.ts';
import { type ManualClock, manualClock } from './ports/clock.ts';
import { memoryContextStorage } from './ports/context-storage.ts';
import { memoryDigest } from './ports/digest.ts';
import { type CannedAnswer, memoryFetch, type RecordedRequest } from './ports/fetch.ts';
import { memoryFileSystem } from './ports/file-system.ts';
import { type LogLine, memoryLogger } from './ports/logger.ts';
import type { SyncGate } from './ports/sync-gate.ts';
import { countingTracer } from './ports/tracer.ts';

/** A body sent to Core, as an object; big integers lose their last digits here, `raw` keeps them. */
export interface Asked {
  readonly path: string;
  readonly body: Readonly<Record<string, unknown>>;
  readonly raw: string;
}

export interface TestGovernor {
  readonly governor: Governor;
  readonly clock: ManualClock;
  readonly lines: readonly LogLine[];
  readonly requests: readonly RecordedRequest[];
  /** Every question so far, in order. */
  asked(): Asked[];
  /** What each question was about, in one word: `ActivityStarted`, `started`, `completed`, `approval` … */
  steps(): string[];
}

export type Answering = (asked: Asked) => CannedAnswer | Promise<CannedAnswer> | undefined;

export const ALLOW: CannedAnswer = { json: { verdict: 'allow' } };

/** Answers one step with this JSON, everything else with ALLOW. */
export const at =
  (step: string, json: Record<string, unknown>): Answering =>
  (asked) =>
    stepOf(asked) === step ? { json } : ALLOW;

/** A governor on in-memory ports; `answer` says what Core says, ALLOW where it says nothing. */
export function testGovernor(
  answer: Answering = () => ALLOW,
  options: OpenBoxOptions = {},
  syncGate?: SyncGate,
): TestGovernor {
  const clock = manualClock();
  const logger = memoryLogger();
  const fetch = memoryFetch((request) => answer(read(request)) ?? ALLOW);
  const config = resolveConfig({ openboxUrl: 'http://localhost:8086', openboxApiKey: 'obx_test_core', ...options });
  const ports = { fetch, clock, logger, digest: memoryDigest, files: memoryFileSystem(), tracer: countingTracer() };
  const scopes = createScopes(memoryContextStorage);
  const governor = createGovernor(config, { ...ports, ...(syncGate && { syncGate }) }, scopes, 'core');
  const asked = (): Asked[] => fetch.requests.map(read);
  return { governor, clock, lines: logger.lines, requests: fetch.requests, asked, steps: () => asked().map(stepOf) };
}

function read({ url, body = '{}' }: RecordedRequest): Asked {
  return { path: new URL(url).pathname, body: JSON.parse(body) as Asked['body'], raw: body };
}

export function stepOf({ path, body }: Asked): string {
  if (!path.endsWith('/evaluate')) return path.slice(path.lastIndexOf('/') + 1);
  const [span] = (body['spans'] ?? []) as [{ stage: string }?];
  return body['hook_trigger'] === true ? String(span?.stage) : String(body['event_type']);
}

export const INFO: ActivityInfo = {
  workflowId: 'wf-1',
  runId: 'run-1',
  workflowType: 'Agent',
  activityId: '2',
  activityType: 'fetchPage',
  taskQueue: 'agents',
  attempt: 1,
};

/** A host that waits for humans in place and remembers why it was told to end. */
export function testHost(more: Partial<ActivityHost> = {}): ActivityHost & { readonly halted: string[] } {
  const halted: string[] = [];
  const halt: ActivityHost['halt'] = async ({ message }) => void halted.push(message);
  return { grants: createGrants(), approval: 'here', halt, halted, ...more };
}

export function testAttempt(test: TestGovernor, host: ActivityHost = testHost()): Attempt {
  return openAttempt(test.governor, INFO, ['https://example.com'], host);
}

export const CALL: FunctionOperation = { type: 'function_call', function: 'add', module: null, args: [1, 2] };

export const RESULT: Report<FunctionOperation, unknown> = { describe: (result) => ({ result }) };

/** A promise and the function that settles it. */
export function deferred<T>(): { readonly promise: Promise<T>; resolve(value: T): void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => (resolve = settle));
  return { promise, resolve };
}
