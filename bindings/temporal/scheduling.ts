import type { Context } from '@temporalio/activity';
import type { ActivityExecuteInput } from '@temporalio/worker';
import { STARTED } from '../../core/activity.ts';
import { type FinishedActivity, OpenBoxConfigError } from '../../core/errors.ts';
import { activityFingerprint } from '../../core/fingerprint.ts';
import type { Governor } from '../../core/governor.ts';
import type { Grant } from '../../core/grants.ts';
import { activityInfo } from './activity-info.ts';
import { toFailure } from './failures.ts';
import { headerFields } from './header-fields.ts';
import type { Heartbeats } from './heartbeats.ts';
import { openSealed } from './sealed.ts';
import { CARRIED, type Resumption } from './workflow/protocol.ts';

/** What the workflow says of this scheduling of an activity. */
export interface Scheduling {
  /** The workflow waits for approvals itself. */
  readonly waits: boolean;
  /** The user's own arguments. */
  readonly args: readonly unknown[];
  readonly grants: readonly Grant[];
  /** Where the work was done before: only its end is left. */
  readonly end?: FinishedActivity | undefined;
}

/** The step of a grant to changed arguments: it is good for the arguments that come with it. */
export const CHANGED = 'changed arguments';

/**
 * Reads the header of a scheduling. After an approval the activity goes on as if it had never been away: with its id,
 * its attempts and its heartbeat details.
 */
export function readScheduling(governor: Governor, context: Context, { args, headers }: ActivityExecuteInput, heartbeats: Heartbeats): Scheduling {
  const { waits = false, resumes } = headerFields(headers) ?? {};
  if (resumes === undefined) return { waits, args, grants: [] };
  const { carries, end } = resumes;
  const { own, carried } = carries === undefined ? { own: args, carried: undefined } : split(args);
  resume(context, resumes);
  if (carries === 'heartbeat') heartbeats.restore(carried);
  const finished = end && { startedAt: end.startedAt, durationMs: end.durationMs, output: carried };
  return { waits, args: own, grants: grantsOf(governor, context, resumes, own), ...(carries === 'output' && { end: finished }) };
}

/** The user's own arguments, and what is carried among them. */
function split(args: readonly unknown[]): { readonly own: unknown[]; readonly carried: unknown } {
  const at = args.lastIndexOf(CARRIED);
  if (at < 0) throw toFailure(new OpenBoxConfigError('What an approval brought back is not among the arguments: an interceptor of the workflow replaces them all; let it keep those it does not know', { option: 'interceptors' }));
  return { own: args.toSpliced(at, 2), carried: args[at + 1] };
}

/** Attempts count on; a local activity keeps the id that Temporal would give anew. */
function resume({ info }: Context, { activityId, attempts }: Resumption): void {
  const { retryPolicy } = info;
  const maximumAttempts = retryPolicy?.maximumAttempts ?? 0;
  Object.assign(info, {
    activityId,
    attempt: info.attempt + attempts,
    ...(maximumAttempts > 0 && { retryPolicy: { ...retryPolicy, maximumAttempts: maximumAttempts + attempts } }),
  });
}

function grantsOf(governor: Governor, { info }: Context, { grants }: Resumption, args: readonly unknown[]): readonly Grant[] {
  const granted = (openSealed(governor, 'grants', activityInfo(info), grants) ?? []) as readonly Grant[];
  return granted.map((grant) => grantFor(governor, info.activityType, grant, args));
}

/** A grant as this run has it: one to changed arguments names them, where it was given to this activity. */
export function grantFor(governor: Governor, activityType: string, grant: Grant, args: readonly unknown[]): Grant {
  if (grant.step !== CHANGED) return grant;
  const start = activityFingerprint(governor, STARTED, activityType, args);
  return start?.place === grant.place ? { ...grant, ...start } : grant;
}
