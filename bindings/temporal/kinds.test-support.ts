import { fileURLToPath } from 'node:url';
import { Context } from '@temporalio/activity';
import type { WorkflowHandle } from '@temporalio/client';
import { CompleteAsyncError } from '@temporalio/common';
import { type WorkflowBundle, Worker } from '@temporalio/worker';
import { expect } from 'vitest';
import { sharedJson } from '../../tools/shared-json.ts';
import { bundle, withSpan, type World } from './test-support.ts';

export const kindsPath: string = fileURLToPath(new URL('./workflow/kinds.test-support.ts', import.meta.url));

/** The workflows of `workflow/kinds.test-support.ts`. */
export const kindsBundle = (): Promise<WorkflowBundle> => sharedJson('kinds-bundle', () => bundle({ workflowsPath: kindsPath }));

/** What these workflows call. */
export const kindsActivities: {
  echo(...args: unknown[]): Promise<unknown>;
  asynchronous(): Promise<never>;
  patient(): Promise<never>;
  hooked(...args: unknown[]): Promise<unknown>;
  twice_hooked(): Promise<unknown>;
  draws(): Promise<unknown>;
} = {
  echo: async (...args) => (args.length === 1 ? args[0] : args),
  asynchronous: async () => {
    throw new CompleteAsyncError();
  },
  hooked: async (...args) => withSpan('hooked', () => args, { args }),
  twice_hooked: async () => Promise.allSettled(['one', 'two'].map((name) => withSpan(name, () => name, { args: [] }))),
  draws: async () => withSpan('draws', () => 'drawn', { args: [Math.random()] }),
  patient: async () => {
    for (;;) {
      Context.current().heartbeat();
      await Context.current().sleep(50);
    }
  },
};

/** Throws where a workflow's history, as it is by now, does not replay. */
export async function replays(handle: WorkflowHandle, by: Promise<WorkflowBundle> = kindsBundle()): Promise<void> {
  await Worker.runReplayHistory({ workflowBundle: await by }, await handle.fetchHistory(), handle.workflowId);
}

/** Completes the workflow's asynchronous activity as soon as Temporal knows that it is one. */
export async function completed({ client }: World, handle: WorkflowHandle, result: unknown = 'from elsewhere', activityId = '2'): Promise<void> {
  const complete = (): Promise<boolean> =>
    client.activity.complete({ workflowId: handle.workflowId, activityId }, result).then(() => true, () => false);
  await expect.poll(complete).toBe(true);
}

/** Resolves once no workflow task is open, and returns the history's length then. */
export async function idle(handle: WorkflowHandle): Promise<number> {
  let length = 0;
  const isIdle = async (): Promise<boolean> => {
    const { events } = await handle.fetchHistory();
    length = events?.length ?? 0;
    const last = events?.at(-1);
    return last?.workflowTaskCompletedEventAttributes != null;
  };
  await expect.poll(isIdle, { timeout: 10_000 }).toBe(true);
  return length;
}
