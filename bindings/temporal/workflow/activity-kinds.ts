import { type ActivityInput, ActivityFailure, CancelledFailure, type LocalActivityInput, proxyActivities, proxyLocalActivities } from '@temporalio/workflow';

/** What differs between activities and local ones. */
export interface ActivityKind<I extends ActivityInput | LocalActivityInput> {
  /** Where it runs: a governed worker is there. */
  taskQueueOf(input: I): string | undefined;
  /** Schedules it once more, through all interceptors. */
  schedule(input: I, activityId: string, maximumAttempts: number | undefined, args: readonly unknown[]): Promise<unknown>;
  /** The failure that a wait ended with, as the user would see that of the activity itself. */
  failure(input: I, activityId: string, cause: Error | undefined): unknown;
}

type Callable = Readonly<Record<string, (...args: readonly unknown[]) => Promise<unknown>>>;

export const REGULAR: ActivityKind<ActivityInput> = {
  taskQueueOf: ({ options }) => options.taskQueue,
  schedule({ options, activityType }, activityId, maximumAttempts, args) {
    return call(proxyActivities<Callable>({ ...withAttempts(options, maximumAttempts), activityId }), activityType, args);
  },
  failure({ activityType }, activityId, cause) {
    const cancelled = cause instanceof CancelledFailure;
    const [message, state] = cancelled ? (['Activity cancelled', 'CANCEL_REQUESTED'] as const) : (['Activity task failed', 'NON_RETRYABLE_FAILURE'] as const);
    return new ActivityFailure(message, activityType, activityId, state, undefined, cause);
  },
};

/** Temporal gives them an id anew with each scheduling, and their failures come without a wrapper. */
export const LOCAL: ActivityKind<LocalActivityInput> = {
  taskQueueOf: () => undefined,
  schedule({ options, activityType }, _activityId, maximumAttempts, args) {
    return call(proxyLocalActivities<Callable>(withAttempts(options, maximumAttempts)), activityType, args);
  },
  failure: (_input, _activityId, cause) => cause,
};

function withAttempts<O extends { readonly retry?: object }>(options: O, maximumAttempts: number | undefined): O {
  return maximumAttempts === undefined ? options : { ...options, retry: { ...options.retry, maximumAttempts } };
}

function call(activities: Callable, activityType: string, args: readonly unknown[]): Promise<unknown> {
  return (activities[activityType] as Callable[string])(...args);
}
