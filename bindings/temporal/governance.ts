import type { Worker, WorkerOptions } from '@temporalio/worker';
import { EVENT_ACTIVITY } from '../../core/event.ts';
import type { EventActivity } from './event-activity.ts';

const GOVERNANCE = Symbol.for('openbox.temporal.governance.v1');

/** The governance of one worker. It stands on the worker's event activity, where other copies of this package find it. */
export interface Governance {
  /** What a plugin does around the worker's run; only the first call does anything. */
  run(worker: Worker, next: (worker: Worker) => Promise<void>): Promise<void>;
}

/** For workers whose governance is begun and ended elsewhere. */
export const RUNS_ALREADY: Governance = { run: (worker, next) => next(worker) };

/** A worker's options, as they are given and as a worker has them. */
export interface WithActivities {
  readonly activities?: WorkerOptions['activities'] | ReadonlyMap<string, unknown>;
}

/** The activities of a worker, by which it is known as governed. */
export function markGoverned<A extends EventActivity>(activities: A, governance: Governance): A {
  Object.assign(activities[EVENT_ACTIVITY], { [GOVERNANCE]: governance });
  return activities;
}

/** Undefined for a worker that is not governed. */
export function governanceOf(options: WithActivities): Governance | undefined {
  return (eventActivityOf(options) as { readonly [GOVERNANCE]?: Governance } | undefined)?.[GOVERNANCE];
}

export function eventActivityOf({ activities = {} }: WithActivities): unknown {
  return activities instanceof Map ? activities.get(EVENT_ACTIVITY) : (activities as Readonly<Record<string, unknown>>)[EVENT_ACTIVITY];
}
