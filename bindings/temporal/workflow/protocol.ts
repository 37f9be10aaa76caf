/** What workflow code and its host say to each other. All of it stands in histories: names never change. */

/** The header that our workflow interceptor gives to activities; ids only, for headers skip the payload codec. */
export const HEADER = 'openbox';

export interface HeaderFields {
  readonly firstExecutionRunId: string;
}

/** What of a workflow is told is asked by `patched`: the host decides while live, the history on replay. Contract §7. */
export const PATCHES = {
  start: 'openbox-v2-start',
  complete: 'openbox-v2-complete',
  failed: 'openbox-v2-failed',
  signal: 'openbox-v2-signal',
} as const;

/** Followed by a signal's name: recorded where that signal is not asked about. */
export const SKIP_SIGNAL = 'openbox-v2-skip-signal:';

/** Recorded where an event that could not be sent at all halts its workflow: a replay does the same under any policy. */
export const LOST_HALTS = 'openbox-v2-undelivered';

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
