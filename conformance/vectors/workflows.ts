import {
  type ActivityOptions, ApplicationFailure, condition, continueAsNew, defineQuery, defineSignal, defineUpdate, executeChild,
  proxyActivities, proxyLocalActivities, setHandler, sleep, workflowInfo,
} from '@temporalio/workflow';

/** One activity to be called, as the recordings write it. */
interface RecordedStep {
  readonly activity: string;
  readonly args: readonly unknown[];
  /** Times in milliseconds, but for `timeout`, in seconds. */
  readonly opts?: { readonly max_attempts?: number; readonly interval_ms?: number; readonly timeout?: number };
  /** Puts the failure's text in the place of the result. */
  readonly catch?: boolean;
  readonly local?: boolean;
  readonly after_ms?: number;
}

type Callable = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

async function call({ activity, args, opts = {}, catch: catches = false, local = false, after_ms = 0 }: RecordedStep): Promise<unknown> {
  const { max_attempts: maximumAttempts = 5, interval_ms = 500, timeout = 30 } = opts;
  const retry = { maximumAttempts, initialInterval: interval_ms, backoffCoefficient: 1 };
  const options = { startToCloseTimeout: timeout * 1000, retry } satisfies ActivityOptions;
  if (after_ms > 0) await sleep(after_ms);
  const proxy = local ? proxyLocalActivities<Callable>(options) : proxyActivities<Callable>(options);
  const called = (proxy[activity] as Callable[string])(...args);
  return catches ? called.catch((error: unknown) => `caught ${chainText(error)}`) : called;
}

function chainText(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const type = error instanceof ApplicationFailure ? `[${error.type}]` : '';
  const own = `${error.name}${type}: ${error.message}`;
  return error.cause === undefined ? own : `${own} <- ${chainText(error.cause)}`;
}

const echo = (text: string): Promise<unknown> => call({ activity: 'echo', args: [text] });

/** Calls one after the other. */
export async function StepsWorkflow(steps: readonly RecordedStep[]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const step of steps) results.push(await call(step));
  return results;
}

/** Calls all at once. */
export async function ParallelWorkflow(steps: readonly RecordedStep[]): Promise<unknown[]> {
  return Promise.all(steps.map(call));
}

const FAILURES: Readonly<Record<string, () => Error>> = {
  application_error: () => ApplicationFailure.nonRetryable('order rejected', 'OrderRejected'),
  chain: () => {
    const cause = new KeyError("'order-7'", { cause: new ValueError('bad quantity') });
    return ApplicationFailure.create({ message: 'order rejected', type: 'OrderRejected', cause });
  },
  plain_exception: () => new Error('a bug in workflow code'),
};

class ValueError extends Error {
  override readonly name: string = 'ValueError';
}

class KeyError extends Error {
  override readonly name: string = 'KeyError';
}

/** Raises. */
export async function FailingWorkflow(how: string): Promise<void> {
  throw FAILURES[how]?.() ?? new Error(`Unknown failure "${how}"`);
}

const addItem = defineSignal<[unknown, number]>('add_item');
const poke = defineSignal('poke');
const rename = defineUpdate<string, [string]>('rename');
const items = defineQuery<unknown[]>('items');

/** Waits for n things to be told. */
export async function SignalWorkflow(n: number): Promise<unknown[]> {
  const got: unknown[] = [];
  setHandler(addItem, (item, count) => void got.push([item, count]));
  setHandler(poke, () => void got.push('poke'));
  setHandler(rename, (name) => {
    got.push(`renamed ${name}`);
    return 'was renamed';
  });
  setHandler(items, () => got);
  await condition(() => got.length >= n);
  return [...got, await echo('after signals')];
}

/** Continues as new until 2. */
export async function LoopWorkflow(n: number): Promise<string> {
  await echo(`round ${n}`);
  if (n < 2) await continueAsNew<typeof LoopWorkflow>(n + 1);
  return `done at ${n}`;
}

/** Waits in an activity that heartbeats. */
export async function CancelWorkflow(): Promise<unknown> {
  const { wait_for_cancel } = proxyActivities<Callable>({
    startToCloseTimeout: '30s',
    heartbeatTimeout: '2s',
    // Or the activity would hear of its cancellation, or of a workflow that is gone.
    cancellationType: 'WAIT_CANCELLATION_COMPLETED',
  });
  return (wait_for_cancel as Callable[string])();
}

export async function ParentWorkflow(name: string): Promise<unknown> {
  return executeChild(ChildWorkflow, { args: [name], workflowId: `${workflowInfo().workflowId}-child` });
}

export async function ChildWorkflow(name: string): Promise<unknown> {
  return echo(`child ${name}`);
}
