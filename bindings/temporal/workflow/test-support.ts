import {
  type ActivityOptions,
  ApplicationFailure,
  CancellationScope,
  condition,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  getExternalWorkflowHandle,
  type LocalActivityOptions,
  patched,
  proxyActivities,
  proxyLocalActivities,
  setDefaultSignalHandler,
  setHandler,
  setWorkflowOptions,
  sleep,
  workflowInfo,
  type WorkflowInterceptors,
} from '@temporalio/workflow';

/** One activity to be called. */
export interface Call {
  readonly activity: string;
  readonly args?: readonly unknown[];
  readonly options?: ActivityOptions & LocalActivityOptions;
  readonly local?: boolean;
  /** Puts `{ failed }`, the chain of failures, in place of the result. */
  readonly catches?: boolean;
}

type Callable = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

function call({ activity, args = [], options, local = false, catches = false }: Call): Promise<unknown> {
  const given = { startToCloseTimeout: '30s', ...options } as const;
  const proxy = local ? proxyLocalActivities<Callable>(given) : proxyActivities<Callable>(given);
  const called = (proxy[activity] as Callable[string])(...args);
  return catches ? called.catch((error: unknown) => ({ failed: chainOf(error) })) : called;
}

interface Link {
  readonly name: string;
  readonly message: string;
  readonly type?: unknown;
}

function chainOf(error: unknown): readonly Link[] {
  if (!(error instanceof Error)) return [];
  const { name, message, cause } = error;
  return [{ name, message, ...('type' in error && { type: error.type }) }, ...chainOf(cause)];
}

const add = defineSignal<[unknown]>('add');
const poke = defineSignal('poke');

/** Calls one after the other. */
export async function steps(calls: readonly Call[]): Promise<unknown[]> {
  const results: unknown[] = [];
  for (const step of calls) results.push(await call(step));
  return results;
}

/** Calls all at once. */
export async function together(calls: readonly Call[]): Promise<unknown[]> {
  return Promise.all(calls.map(call));
}

/** Ends as it is told to. */
export async function ends(how: string): Promise<unknown> {
  switch (how) {
    case 'application':
      throw ApplicationFailure.nonRetryable('order rejected', 'OrderRejected', { order: 7 });
    case 'chain':
      throw ApplicationFailure.create({
        message: 'order rejected',
        type: 'OrderRejected',
        cause: ApplicationFailure.create({
          message: 'no such order',
          type: 'KeyError',
          cause: new RangeError('bad quantity'),
        }),
      });
    case 'plain':
      throw new TypeError('a bug');
    case 'nothing':
      return undefined;
    default:
      return how;
  }
}

/** Ends in the handler of a signal, while its function waits for ever, or returns with it; a run that is rolled into returns. */
export async function endsInHandler(rolled = false, returns = false): Promise<string> {
  let over = rolled;
  setHandler(add, async (how) => {
    over = returns;
    await (how === 'rolls' ? continueAsNew<typeof endsInHandler>(true) : ends(String(how)));
  });
  await condition(() => over);
  return 'rolled out';
}

/** A `TypeError` fails this workflow, where it would only fail a task of others. */
setWorkflowOptions({ failureExceptionTypes: [TypeError] }, strict);
export async function strict(): Promise<unknown> {
  return ends('plain');
}

/** Fails its first workflow task; what failed then stands in the history that the second one sees. */
export async function buggy(): Promise<string> {
  if (workflowInfo().historyLength < 4) throw new TypeError('a bug');
  return 'mended';
}

/** Waits until it is cancelled, in a timer or in an activity. */
export async function waits(in_?: Call): Promise<unknown> {
  return in_ === undefined ? sleep('1 hour') : call(in_);
}

/** An activity against a timer; what follows the first shows in the order of commands. */
export async function races(activity: Call, ms: number): Promise<unknown> {
  const winner = await Promise.race([call(activity).then(() => 'activity'), sleep(ms).then(() => 'timer')]);
  if (winner === 'activity') return call(activity);
  await sleep(1);
  return winner;
}

/** Cancels a call when it is poked. */
export async function cancels(what: Call): Promise<unknown> {
  const scope = new CancellationScope();
  setHandler(poke, () => scope.cancel());
  return scope.run(() => call(what));
}

/** Continues as new until `left` is 0. */
export async function rolls(left: number, at?: Call): Promise<string> {
  if (at !== undefined) await call(at);
  if (left > 0) await continueAsNew<typeof rolls>(left - 1, at);
  return 'rolled out';
}

/** Starts an activity, waits to be poked and not for the activity, and then ends, or continues as a run that waits. */
export async function drifts(left: Call | undefined, then_: 'ends' | 'rolls'): Promise<string> {
  if (left === undefined) await sleep('1 hour');
  else void call(left).catch(() => undefined);
  let poked = false;
  setHandler(poke, () => void (poked = true));
  await condition(() => poked);
  if (then_ === 'rolls') await continueAsNew<typeof drifts>(undefined, then_);
  return 'ended';
}

/** Everything that goes out, and a timer after each, in one tick: a single await between two of them shows in a replay. */
export async function bursts(other: string): Promise<unknown> {
  const timers = new CancellationScope();
  const timer = (): void => void timers.run(() => sleep('1 hour')).catch(() => undefined);
  const out: Promise<unknown>[] = [];
  const starts: (() => Promise<unknown>)[] = [
    () => call({ activity: 'echo', args: [1] }),
    () => call({ activity: 'echo', args: [2], local: true }),
    () => executeChild('ends', { args: ['child'] }),
    () => getExternalWorkflowHandle(other).signal(add, 'burst'),
  ];
  for (const start of starts) {
    out.push(start());
    timer();
  }
  const results = await Promise.all(out);
  timers.cancel();
  return results;
}

/** Ends in the tick in which its handler is there. */
export async function eager(): Promise<unknown[]> {
  const got: unknown[] = [];
  setHandler(add, (item) => void got.push(item));
  return [...got];
}

export async function parent(child: string, ...args: unknown[]): Promise<unknown> {
  return executeChild(child, { args }).catch((error: unknown) => ({ failed: chainOf(error) }));
}

const put = defineUpdate<number, [unknown]>('put');
const items = defineQuery<unknown[]>('items');

export interface InboxOptions {
  /** How many items end it. */
  readonly wanted: number;
  /** Called once they are there. */
  readonly after?: readonly Call[];
  /** Called by the handler of `add` itself. */
  readonly within?: Call;
  /** Told once the items are there: a workflow, by signal, or a child. */
  readonly tells?: { readonly signal?: string; readonly child?: string };
  /** Continues as a run that waits for another item. */
  readonly rolls?: boolean;
}

/** Collects what signals and updates bring. */
export async function inbox({ wanted, after = [], within, tells, rolls: continues = false }: InboxOptions): Promise<unknown[]> {
  const got: unknown[] = [];
  setHandler(items, () => got);
  setHandler(poke, () => void got.push('poke'));
  setHandler(add, async (item) => {
    got.push(item);
    if (within !== undefined) got.push(await call(within));
  });
  setHandler(put, (item) => got.push(item));
  await condition(() => got.length >= wanted);
  for (const step of after) got.push(await call(step));
  if (tells?.child !== undefined) got.push(await parent(tells.child, 'child'));
  if (tells?.signal !== undefined) {
    const told = getExternalWorkflowHandle(tells.signal).signal(add, 'told');
    got.push(await told.then(() => 'told', (error: unknown) => ({ failed: chainOf(error) })));
  }
  if (continues) await continueAsNew<typeof inbox>({ wanted: 1 });
  return got;
}

/** Returns what the first signal or update of this name brings, after an activity that may have to wait. */
export async function hears(name: string, by: 'signal' | 'update' | 'default', before?: Call): Promise<unknown> {
  let got: unknown[] | undefined;
  const hear = (...args: unknown[]): void => void (got = args);
  if (by === 'signal') setHandler(defineSignal<unknown[]>(name), hear);
  if (by === 'update') setHandler(defineUpdate<void, unknown[]>(name), hear);
  if (by === 'default') setDefaultSignalHandler((_name, ...args) => hear(...args));
  if (before !== undefined) await call(before);
  await condition(() => got !== undefined);
  return got;
}

/** Whether the user's own patch is on. */
export async function patchy(): Promise<boolean> {
  return patched('the-users-own');
}

/** The user's own workflow interceptor, where a worker is told of it. */
export function interceptors(): WorkflowInterceptors {
  return { inbound: [{ execute: async (input, next) => ({ intercepted: await next(input) }) }] };
}
