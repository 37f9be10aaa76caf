import { EVENT_ACTIVITY } from '../../core/event.ts';
import type { Governor } from '../../core/governor.ts';
import { type AwaitActivity, createAwaitActivity } from './await-approval-activity.ts';
import { createEventActivity, type EventActivity } from './event-activity.ts';
import { AWAIT_ACTIVITY } from './workflow/protocol.ts';

/** The activities of governance itself: one that sends workflow events, one that waits for approvals. */
export type GovernanceActivities = EventActivity & AwaitActivity;

/** `governor` is asked for with every call: it may be there later than the worker's options. */
export function createActivities(governor: () => Governor): GovernanceActivities {
  return {
    [EVENT_ACTIVITY]: async (input) => createEventActivity(governor())[EVENT_ACTIVITY](input),
    [AWAIT_ACTIVITY]: async (input) => createAwaitActivity(governor())[AWAIT_ACTIVITY](input),
  };
}
