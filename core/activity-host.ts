import type { GovernanceHaltError } from './errors.ts';
import type { Grants } from './grants.ts';
import type { TraceContext } from './ports/tracer.ts';

/** What differs between the places an activity runs in. */
export interface ActivityHost {
  /** Aborts when the activity is cancelled. */
  readonly signal?: AbortSignal | undefined;
  /** Unix milliseconds after which this attempt is over anyway. */
  readonly deadline?: number | undefined;
  /** Where the caller's trace goes on. */
  readonly parent?: TraceContext | undefined;
  /** What a human has granted to this run of the activity. */
  readonly grants: Grants;
  /** Id of the first run of the workflow, where it is known: a HALT stops what runs of any of its runs. */
  readonly firstRunId?: string | undefined;
  /** Ends the whole workflow. */
  halt(error: GovernanceHaltError): Promise<void>;
  /**
   * Where a wait for a human takes place: here, with the activity running, or `elsewhere`: the activity ends with
   * `ApprovalPendingError` and runs again after the grant. Asked only before an effect; after one the wait is here.
   */
  readonly approval: 'here' | 'elsewhere';
  /** True where the activity may run once only: then nothing that has happened in it is repeated for an approval. */
  readonly once?: boolean | undefined;
  /** Whether what an activity came to can wait for its approval elsewhere; absent where nothing can. */
  keeps?(values: readonly unknown[]): boolean;
  /** Keeps the activity alive while it waits for Core or a human; returns what ends that. */
  keepAlive?(): () => void;
  /** True for an error that is not a failure: the activity's end comes by another way. */
  isControlFlow?(error: unknown): boolean;
}
