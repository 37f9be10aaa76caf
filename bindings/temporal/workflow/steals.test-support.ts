import { proxyActivities, type WorkflowInterceptors } from '@temporalio/workflow';

type Callable = Record<string, (...args: readonly unknown[]) => Promise<unknown>>;

/** Calls `pay`, and then another by the same id. */
export async function steals(activity: string, args: readonly unknown[]): Promise<unknown> {
  const activities = proxyActivities<Callable>({ startToCloseTimeout: '30s', activityId: 'mine' });
  const paid = await (activities['pay'] as Callable[string])('a');
  return [paid, await (activities[activity] as Callable[string])(...args)];
}

/** Gives the header of what was granted to what is called after it. */
export function interceptors(): WorkflowInterceptors {
  const headers: Record<string, Uint8Array>[] = [];
  return {
    outbound: [
      {
        scheduleActivity(input, next) {
          const { openbox } = input.headers;
          if (input.options.activityId !== 'mine' || openbox === undefined) return next(input);
          headers.push({ data: openbox.data ?? new Uint8Array() });
          const [, granted] = headers;
          return headers.length === 3 ? next({ ...input, headers: { ...input.headers, openbox: { ...openbox, data: granted?.['data'] ?? null } } }) : next(input);
        },
      },
    ],
  };
}
