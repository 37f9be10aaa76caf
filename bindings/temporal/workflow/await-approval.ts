import {
  ActivityCancellationType,
  CancellationScope,
  defineSignal,
  getCurrentDetails,
  isCancellation,
  proxyActivities,
  setCurrentDetails,
  setHandler,
} from '@temporalio/workflow';
import { activator } from './activator.ts';
import { AWAIT_ACTIVITY, type AwaitInput, type AwaitOutput, type PendingDetails, WAKE_SIGNAL } from './protocol.ts';

/** For one look: a worker that dies in the middle of it costs no more than this. */
const LOOK_TIMEOUT = '10s';

/**
 * Waits until humans have decided. One activity whose retries are the looks: the history holds it once, however long
 * it takes. Rejects with its failure: a refusal, an expiry, a cancellation.
 */
export async function awaitApproval(input: AwaitInput, details: PendingDetails, taskQueue: string | undefined): Promise<AwaitOutput> {
  const hide = show(details.waiting);
  try {
    for (;;) {
      const scope = new CancellationScope();
      const wake = nextWake();
      const decided = scope.run(() => look(input, details, taskQueue));
      await Promise.race([decided, wake.called]).finally(wake.forget);
      if (!wake.wasCalled()) return await decided;
      scope.cancel();
      try {
        return await decided;
      } catch (error) {
        if (!isCancellation(error) || CancellationScope.current().consideredCancelled) throw error;
      }
    }
  } finally {
    hide();
  }
}

let waits = 0;

function look(input: AwaitInput, { waiting, intervalMs }: PendingDetails, taskQueue: string | undefined): Promise<AwaitOutput> {
  const { [AWAIT_ACTIVITY]: once } = proxyActivities<Record<typeof AWAIT_ACTIVITY, (input: AwaitInput) => Promise<AwaitOutput>>>({
    // One that is cancelled may still be open on the server; numbers alone could be ids that the user gives.
    activityId: `${AWAIT_ACTIVITY}:${++waits}`,
    startToCloseTimeout: LOOK_TIMEOUT,
    retry: { initialInterval: intervalMs, maximumInterval: intervalMs, backoffCoefficient: 1 },
    cancellationType: ActivityCancellationType.TRY_CANCEL,
    summary: `OpenBox: ${waiting}`,
    ...(taskQueue && { taskQueue }),
  });
  return once(input);
}

const wakes = new Set<() => void>();

/** Whether a signal is a hint to us alone. One that reaches the user's code is the user's, whatever its name. */
export function isHint(signalName: string | null | undefined): boolean {
  if (signalName !== WAKE_SIGNAL) return false;
  const { signalHandlers, defaultSignalHandler } = activator();
  const handler = signalHandlers.get(WAKE_SIGNAL)?.handler;
  return handler === undefined ? defaultSignalHandler === undefined : handler === wakeAll;
}

/** A signal of anybody's: each wait looks at once, and goes by what Core says. A handler of the user's by that name stays. */
function nextWake(): { readonly called: Promise<void>; wasCalled(): boolean; forget(): void } {
  if (!activator().signalHandlers.has(WAKE_SIGNAL)) setHandler(defineSignal(WAKE_SIGNAL), wakeAll);
  let wake!: () => void;
  let was = false;
  const called = new Promise<void>((resolve) => {
    wake = () => {
      was = true;
      resolve();
    };
  });
  wakes.add(wake);
  return { called, wasCalled: () => was, forget: () => void wakes.delete(wake) };
}

function wakeAll(): void {
  for (const wake of wakes) wake();
}

const BETWEEN = '\n\n';

/** Says in Temporal's UI what is waited for, beside what the workflow says there itself. */
function show(waiting: string): () => void {
  const mine = `OpenBox: ${waiting}`;
  setCurrentDetails([getCurrentDetails(), mine].filter((text) => text !== '').join(BETWEEN));
  return () => {
    const others = getCurrentDetails().split(BETWEEN);
    const at = others.indexOf(mine);
    if (at >= 0) setCurrentDetails(others.toSpliced(at, 1).join(BETWEEN));
  };
}
