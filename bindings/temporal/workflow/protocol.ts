import { EVENT_ACTIVITY } from '../../../core/event.ts';

/** What workflow code and its host say to each other. All of it stands in histories: names never change. */

/** The header that our workflow interceptor gives to activities; ids only, for headers skip the payload codec. */
export const HEADER = 'openbox';

export interface HeaderFields {
  readonly firstExecutionRunId: string;
  /** The workflow itself waits for approvals, and schedules the activity again after them. */
  readonly waits?: true;
  /** On a scheduling after an approval. */
  readonly resumes?: Resumption;
}

/** What of a workflow is told is asked by `patched`: the host decides while live, the history on replay. Contract §7. */
export const PATCHES = {
  start: 'openbox-v2-start',
  complete: 'openbox-v2-complete',
  failed: 'openbox-v2-failed',
  signal: 'openbox-v2-signal',
  /** Only in runs that were not told of from their start: whether approvals are waited for in the workflow. */
  approvals: 'openbox-v2-approvals',
} as const;

/** Followed by a signal's name: recorded where that signal is not asked about. */
export const SKIP_SIGNAL = 'openbox-v2-skip-signal:';

/** Recorded where an event that could not be sent at all halts its workflow: a replay does the same under any policy. */
export const LOST_HALTS = 'openbox-v2-undelivered';

/** Recorded where a run that continues as new keeps a signal for the next one, and where that gets it. */
export const LATE_SIGNALS = 'openbox-v2-late-signals';

/** Recorded where an activity whose approvals another key or run has sealed is asked about more than once anew. */
export const ASKED_ANEW = 'openbox-v2-asked-anew';

/** The key in a run's memo under which the signals travel. */
export const LATE_MEMO = 'openbox_signals';

/** How often an event is sent to a Core that is not reached, before the error policy decides. Contract §5. */
export const EVENT_ATTEMPTS = 3;

export type EventPolicy = 'fail_open' | 'fail_closed';

/** Input of `send_governance_event`; credentials are never in it. */
export interface EventInput {
  /** Without its time, which the activity stamps. */
  readonly event: Readonly<Record<string, unknown>>;
  readonly timeoutMs: number;
  readonly policy: EventPolicy;
  readonly firstExecutionRunId: string;
}

/** What Core's answer means to the workflow. */
export interface EventAnswer {
  readonly verdict: 'allow' | 'block' | 'halt';
  readonly reason?: string;
  readonly policyId?: string;
}

/** Written in front of the bundle by the host, under the global `GLOBAL`: numbers and words, never URL or key. */
export interface SandboxConfig {
  readonly timeoutMs: number;
  readonly policy: EventPolicy;
  /** For what is logged. */
  readonly observe: boolean;
}

export const GLOBAL = '__openbox';

/** The activity whose retries are the looks at an approval: it waits without a slot, and outlives every worker. */
export const AWAIT_ACTIVITY = 'openbox_await_approval';

/** What governance itself schedules, and never governs. */
export const OUR_ACTIVITIES: ReadonlySet<string> = new Set([EVENT_ACTIVITY, AWAIT_ACTIVITY]);

/** Wakes the waits of a workflow: each looks once. A hint, never the decision itself. */
export const WAKE_SIGNAL = 'openbox_approval';

/** Text, and an HMAC that only governance makes of it. */
export interface Sealed {
  readonly text: string;
  readonly seal: string;
}

/** The first of the details of a failure `ApprovalPending`, by which the workflow knows that it is to wait. */
export interface PendingDetails {
  readonly [PENDING]: true;
  readonly activityId: string;
  /** Attempts that the user's activity has used up, this one not among them. */
  readonly attempts: number;
  readonly intervalMs: number;
  /** What is waited for, for people. */
  readonly waiting: string;
  /** What is waited for, for `openbox_await_approval`. */
  readonly state: Sealed;
  /** What the details after this one are: the last heartbeat, or the output and the arguments that ran. */
  readonly carries?: 'heartbeat' | 'output';
  /** Where the work is done, times of the activity function. */
  readonly end?: { readonly startedAt: number; readonly durationMs: number; readonly changed: boolean };
}

export const PENDING = 'openbox_pending_v1';

/** The argument before what a scheduling after an approval carries: interceptors of the user's may put others beside them. */
export const CARRIED = 'openbox_carried_v1';

/** Input of `openbox_await_approval`. */
export interface AwaitInput {
  readonly activityId: string;
  readonly activityType: string;
  readonly firstExecutionRunId: string;
  readonly state: Sealed;
}

/** What came of it: grants for the header of the next scheduling. None where the state is not one that we sealed. */
export interface AwaitOutput {
  readonly grants?: Sealed;
  /** What an approver made of the arguments. */
  readonly changes?: { readonly value: unknown };
}

/** What the header of a scheduling after an approval says: ids and HMACs only. */
export interface Resumption extends Pick<PendingDetails, 'activityId' | 'attempts' | 'carries' | 'end'> {
  readonly grants?: Sealed;
}
