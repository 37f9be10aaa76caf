import { anyText, object, optional } from '../contract/kinds.ts';
import type { Approval } from './approvals.ts';
import type { CoreEvent } from './events.ts';
import { matches, spanOf } from './match.ts';
import type { When } from './policy.ts';
import { refuseMalformed, refuseMalformedMatch } from './read-policy.ts';

/** How long to wait. */
export interface WaitOptions {
  /** Milliseconds; default 10,000. */
  readonly timeoutMs?: number;
}

/** What an approval must be like; every field given must be equal. */
export interface ApprovalMatch {
  readonly id?: string;
  readonly workflow_id?: string;
  readonly run_id?: string;
  readonly activity_id?: string;
  readonly activity_type?: string;
}

/** The events after number `n`; where there are none yet, it waits `waitMs` at most for one. */
export type EventSource = (n: number, waitMs: number) => Promise<readonly CoreEvent[]>;

const APPROVAL_MATCH = object(
  Object.fromEntries(
    ['id', 'workflow_id', 'run_id', 'activity_id', 'activity_type'].map((name) => [name, optional(anyText)]),
  ),
);

/** The first event that matches, past ones included. Rejects with what was received instead, or where `match` is malformed. */
export async function waitForEvent(
  source: EventSource,
  match: When | ((event: CoreEvent) => boolean),
  options: WaitOptions = {},
): Promise<CoreEvent> {
  if (typeof match !== 'function') refuseMalformedMatch(match);
  const isMatch = typeof match === 'function' ? match : (event: CoreEvent) => matches(match, event);
  const what =
    typeof match === 'function' ? 'request that the predicate accepts' : `request like ${JSON.stringify(match)}`;
  return waitFor(source, what, options, async (arrived) => arrived.find(isMatch));
}

/** The first pending approval that matches. Rejects as `waitForEvent` does. */
export async function waitForApproval(
  source: EventSource,
  approvals: () => Promise<readonly Approval[]>,
  { timeoutMs, ...match }: ApprovalMatch & WaitOptions = {},
): Promise<Approval> {
  refuseMalformed(APPROVAL_MATCH, match, 'match');
  const isMatch = (approval: Approval): boolean =>
    approval.status === 'pending' &&
    Object.entries(match).every(([name, wanted]) => approval[name as keyof ApprovalMatch] === wanted);
  const what = `pending approval like ${JSON.stringify(match)}`;
  const options = { ...(timeoutMs !== undefined && { timeoutMs }) };
  // An approval comes with an event, so only an event makes it worth asking again.
  return waitFor(source, what, options, async () => (await approvals()).find(isMatch));
}

async function waitFor<T>(
  source: EventSource,
  what: string,
  { timeoutMs = 10_000 }: WaitOptions,
  find: (arrived: readonly CoreEvent[]) => Promise<T | undefined>,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  const seen: CoreEvent[] = [];
  for (let left = timeoutMs; ; left = Math.max(0, deadline - performance.now())) {
    const arrived = await source(seen.at(-1)?.n ?? 0, left);
    seen.push(...arrived);
    const found = await find(arrived);
    if (found !== undefined) return found;
    if (arrived.length === 0) throw new Error(`No ${what} within ${timeoutMs} ms; received: ${summary(seen)}`);
  }
}

function summary(events: readonly CoreEvent[]): string {
  const last = events.slice(-10).map(({ n, path, body, answered }) => {
    const { stage, hook_type } = spanOf(body);
    const words = [path.split('/').at(-1), body.event_type, body.activity_type, body.activity_id, hook_type, stage];
    return `${n} ${words.filter((word) => typeof word === 'string').join(' ')} (${answered.status ?? answered.fault})`;
  });
  const omitted = events.length > last.length ? '…, ' : '';
  return last.length === 0 ? 'nothing' : omitted + last.join(', ');
}
