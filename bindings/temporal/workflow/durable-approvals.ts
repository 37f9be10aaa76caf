import {
  ActivityFailure,
  type ActivityInput,
  ApplicationFailure,
  AsyncLocalStorage,
  CancelledFailure,
  defaultPayloadConverter,
  type LocalActivityInput,
  patched,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { redactArguments } from '../../../core/redaction.ts';
import type { ActivityKind } from './activity-kinds.ts';
import { awaitApproval } from './await-approval.ts';
import { FAILURE_TYPES } from './failure-types.ts';
import { holderOf, holdId } from './open-ids.ts';
import { ASKED_ANEW, CARRIED, HEADER, type HeaderFields, PENDING, type PendingDetails, type Resumption } from './protocol.ts';

type AnyInput = ActivityInput | LocalActivityInput;

/** A scheduling of ours after an approval, on its way through the interceptors. */
interface Again {
  readonly activityType: string;
  readonly resumes: Resumption;
  /** What interceptors before ours have made of them already. */
  readonly args: readonly unknown[];
  readonly typeInfo: AnyInput['typeInfo'];
}

const onItsWay = new AsyncLocalStorage<Again | undefined>();

/**
 * Schedules an activity; where it fails because a human has to decide, waits here for that, and schedules it again with
 * what was granted. The wait uses no attempt of the activity's and no slot of a worker's. Contract §6.
 */
export async function withApprovals<I extends AnyInput>(kind: ActivityKind<I>, input: I, schedule: (input: I) => Promise<unknown>): Promise<unknown> {
  const again = onItsWay.getStore();
  if (again?.activityType === input.activityType) {
    const { resumes, typeInfo } = again;
    const resumed = { ...withHeader(input, { waits: true, resumes }), typeInfo, args: [...again.args] };
    return onItsWay.run(undefined, () => schedule(resumed));
  }
  let failure: unknown;
  try {
    return await holdId(givenId(input), schedule(withHeader(input, { waits: true })));
  } catch (error) {
    failure = error;
  }
  let args: readonly unknown[] = input.args;
  for (let unsealed = 0; ; ) {
    const pending = pendingOf(failure);
    if (pending === undefined) throw failure;
    const next = await decided(kind, input, args, pending);
    ({ args } = next);
    if (next.resumes.grants === undefined && !mayAskAnew(++unsealed)) throw failure;
    try {
      const { resumes, carried } = next;
      const { activityType, typeInfo } = input;
      const { activityId } = resumes;
      // Of one that waits Temporal knows nothing: the user may have given its id again. Two that are open it refuses, with every try of the task.
      for (let holder; (holder = holderOf(activityId)) !== undefined; ) await holder;
      const given = [...next.args, ...carried];
      const resumed = onItsWay.run({ activityType, resumes, typeInfo, args: given }, () => kind.schedule(input, activityId, attemptsLeft(input, resumes), given));
      return await holdId(activityId, resumed);
    } catch (error) {
      failure = error instanceof CancelledFailure ? kind.failure(input, pending.details.activityId, error) : error;
    }
  }
}

const givenId = ({ options }: AnyInput): string | undefined => ('activityId' in options ? options.activityId : undefined);

/** The key may change while somebody waits, and a reset makes another run; a worker that is not governed lets a failure pass that only looks like ours. */
const MAX_ASKED_ANEW = 100;

/** `times` counts what was sealed by another key, for another run, or by nobody. */
function mayAskAnew(times: number): boolean {
  return times === 1 || (times <= MAX_ASKED_ANEW && patched(ASKED_ANEW));
}

/** How an activity is to be scheduled after an approval. */
interface Next {
  readonly resumes: Resumption;
  /** Its own, as an approver or guardrails have made them: they stay, whatever is asked later. */
  readonly args: readonly unknown[];
  /** What comes after them. */
  readonly carried: readonly unknown[];
}

/** Waits, and says how the activity is to be scheduled then. */
async function decided<I extends AnyInput>(
  kind: ActivityKind<I>,
  input: I,
  before: readonly unknown[],
  { details, kept }: Pending,
): Promise<Next> {
  const { activityType } = input;
  const { activityId, attempts, carries, end, state } = details;
  const { firstExecutionRunId } = workflowInfo();
  try {
    const { grants, changes } = await awaitApproval({ activityId, activityType, firstExecutionRunId, state }, details, kind.taskQueueOf(input));
    const own = end?.changed === true ? kept.slice(1) : before;
    return {
      args: changes === undefined ? own : changedArguments(own, changes.value, activityType),
      carried: carries === undefined ? [] : [CARRIED, kept[0]],
      resumes: { activityId, attempts, ...(carries && { carries }), ...(end && { end }), ...(grants && { grants }) },
    };
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    throw kind.failure(input, activityId, error instanceof ActivityFailure ? error.cause : error);
  }
}

/** What an approver made of the arguments; refused where it does not fit them. Contract §4. */
function changedArguments(args: readonly unknown[], changes: unknown, activityType: string): readonly unknown[] {
  const redaction = redactArguments(args, changes);
  if (redaction.ok) return redaction.value;
  throw ApplicationFailure.nonRetryable(
    `OpenBox Core answered what this SDK cannot follow: ${redaction.problem}`,
    FAILURE_TYPES.api,
    { identifier: activityType },
  );
}

function attemptsLeft({ options }: AnyInput, { attempts }: Resumption): number | undefined {
  const { maximumAttempts } = options.retry ?? {};
  return maximumAttempts === undefined ? undefined : Math.max(1, maximumAttempts - attempts);
}

interface Pending {
  readonly details: PendingDetails;
  /** What travels along, one payload each. */
  readonly kept: readonly unknown[];
}

/** Undefined for any other failure; one of a local activity comes without a wrapper. */
function pendingOf(failure: unknown): Pending | undefined {
  const cause = failure instanceof ActivityFailure ? failure.cause : failure;
  if (!(cause instanceof ApplicationFailure) || cause.type !== FAILURE_TYPES.approvalPending) return undefined;
  const [details, ...kept] = (cause.details ?? []) as [Partial<PendingDetails>?, ...unknown[]];
  return details?.[PENDING] === true ? { details: details as PendingDetails, kept } : undefined;
}

/** Gives an activity what its worker has to know; ids only, for headers skip the payload codec. */
export function withHeader<I extends AnyInput>(input: I, more: Omit<HeaderFields, 'firstExecutionRunId'> = {}): I {
  const fields: HeaderFields = { firstExecutionRunId: workflowInfo().firstExecutionRunId, ...more };
  return { ...input, headers: { ...input.headers, [HEADER]: defaultPayloadConverter.toPayload(fields) } };
}
