import {
  ApplicationFailure,
  CancellationScope,
  condition,
  ContinueAsNew,
  continueAsNew,
  defineQuery,
  defineSignal,
  defineUpdate,
  executeChild,
  makeContinueAsNewFunc,
  proxyActivities,
  setDefaultSignalHandler,
  setHandler,
  upsertMemo,
  upsertSearchAttributes,
  workflowInfo,
  type ActivityOptions,
  type ChildWorkflowOptions,
  type WorkflowInterceptors,
} from '@temporalio/workflow';

export * from './test-support.ts';

const add = defineSignal<[unknown]>('add');
const poke = defineSignal('poke');
const put = defineUpdate<number, [unknown]>('put');
const seen = defineQuery<unknown[]>('seen');

type Callable = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

function call(activity: string, args: readonly unknown[] = [], options: ActivityOptions = {}): Promise<unknown> {
  const proxy = proxyActivities<Callable>({ startToCloseTimeout: '30s', ...options });
  return (proxy[activity] as Callable[string])(...args);
}

const namesOf = (error: unknown): readonly string[] => (error instanceof Error ? [error.name, ...namesOf(error.cause)] : []);

/** Collects signals until its activity is there, and ends in that tick; a run that is rolled into ends at once. */
export async function closes(how: 'returns' | 'fails' | 'rolls', carried?: readonly unknown[]): Promise<unknown> {
  const got = [...(carried ?? [])];
  setHandler(add, (item) => void got.push(item));
  setHandler(seen, () => got);
  if (carried !== undefined) return got;
  await call('asynchronous');
  if (how === 'fails') throw ApplicationFailure.nonRetryable('closed', 'Closed', got);
  if (how === 'rolls') await continueAsNew<typeof closes>('returns', got);
  return got;
}

/** Cancels the scope in which its activity or child runs once it is poked, and goes on with another activity. */
export async function scoped(what: { readonly activity?: ActivityOptions; readonly child?: ChildWorkflowOptions }): Promise<unknown> {
  let poked = false;
  setHandler(poke, () => void (poked = true));
  const scope = new CancellationScope();
  const running = scope.run(async () =>
    what.child === undefined ? call('patient', [], what.activity) : executeChild('waits', what.child),
  );
  const ended = running.then(() => 'done', namesOf);
  await condition(() => poked);
  scope.cancel();
  return [await ended, await call('echo', ['after'])];
}

/** Runs its activity to the end, whatever cancels it, and cleans up then. */
export async function shielded(): Promise<unknown> {
  const done = await CancellationScope.nonCancellable(() => call('echo', ['shielded']));
  await condition(() => false).catch(() => undefined);
  return [done, await CancellationScope.nonCancellable(() => call('echo', ['cleaned up']))];
}

/** Collects signals; one that says how long the history is fails its first workflow task. */
export async function stumbles(): Promise<unknown> {
  const got: unknown[] = [];
  setHandler(add, (until) => {
    got.push('add');
    if (workflowInfo().historyLength <= Number(until)) throw new TypeError('a bug');
  });
  setHandler(seen, () => got);
  await condition(() => got.length > 0);
  return got;
}

/** Its function and a signal's handler end it, each in its own way: the function once it is poked, or once the handler has. */
export async function endsBoth(how: 'calls' | 'returns'): Promise<unknown> {
  let over = false;
  setHandler(poke, () => void (over = true));
  setHandler(add, () => {
    over = true;
    throw ApplicationFailure.nonRetryable('by the handler', 'Handler');
  });
  await condition(() => over);
  return how === 'calls' ? call('echo', ['after']) : 'by the function';
}

export interface RelayOptions {
  /** How often it continues as new. */
  readonly left: number;
  /** How many items each run waits for. */
  readonly wanted?: number;
  /** What earlier runs have got. */
  readonly got?: readonly unknown[];
  /** Given to the next run instead of what this one has. */
  readonly memo?: Record<string, unknown>;
  /** Writes this into the next run's memo by our name, as if this run had left it there. */
  readonly forged?: object;
  /** Waits for as many items where it may not continue, and returns. */
  readonly stays?: number;
}

/** Each run collects items, and hands the next one a copy of them all. The last knows every signal, and tells its memo. */
export async function relays(options: RelayOptions): Promise<unknown> {
  const { left, wanted = 1, got = [], forged, stays } = options;
  const memo = forged === undefined ? options.memo : { openbox_signals: { ...forged, from: workflowInfo().runId } };
  const mine: unknown[] = [];
  setHandler(add, (item) => void mine.push(item));
  setHandler(put, (item) => mine.push(item));
  setHandler(seen, () => [...got, ...mine]);
  if (left === 0) setDefaultSignalHandler((name, ...args) => void mine.push([name, ...args]));
  await condition(() => mine.length >= wanted);
  if (left === 0) return { got: [...got, ...mine], memo: workflowInfo().memo };
  try {
    await makeContinueAsNewFunc<typeof relays>({ ...(memo && { memo }) })({ ...options, left: left - 1, got: [...got, ...mine] });
  } catch (error) {
    if (stays === undefined || error instanceof ContinueAsNew) throw error;
    await condition(() => mine.length >= stays);
  }
  return { got: [...got, ...mine] };
}

/** Sets its memo and search attributes, calls an activity, rolls once, and returns what it then has of both. */
export async function keeps(rolled = false): Promise<unknown> {
  if (!rolled) {
    upsertMemo({ note: 'second', added: { deep: [1] } });
    upsertSearchAttributes({ OpenBoxTestKeyword: ['second'] });
    await call('echo', [1]);
    await continueAsNew<typeof keeps>(true);
  }
  const { memo, searchAttributes } = workflowInfo();
  return { memo, own: searchAttributes['OpenBoxTestKeyword'] };
}

/** The user's own workflow interceptors: they wait before they go on, and change what passes. */
export function interceptors(): WorkflowInterceptors {
  const late = async <I, R>(input: I, next: (input: I) => Promise<R>): Promise<R> => {
    await Promise.resolve();
    return next(input);
  };
  return {
    inbound: [{ execute: async (input, next) => ({ theirs: await next(input) }), handleSignal: late, handleUpdate: late }],
    outbound: [
      {
        scheduleActivity: (input, next) => late(input.activityType === 'echo' ? { ...input, args: ['theirs', ...input.args, 'too'] } : input, next),
        scheduleLocalActivity: (input, next) => late({ ...input, args: ['theirs', ...input.args, 'too'] }, next),
        startChildWorkflowExecution: late,
        continueAsNew: late,
      },
    ],
  };
}
