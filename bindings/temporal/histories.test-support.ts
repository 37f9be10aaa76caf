import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import type { WorkflowHandle } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';
import { type ReplayWorkerOptions, Worker } from '@temporalio/worker';
import { expect } from 'vitest';
import { VERSION } from '../../core/version.ts';

const FOLDER = new URL('./histories/', import.meta.url);

/** Histories recorded by workers without us. */
export const UNGOVERNED = 'ungoverned';

export interface Recording {
  /** Version and scenario: `0.1.0/activity`. */
  readonly name: string;
  readonly text: string;
}

/** Whether Vitest was told `-u`: what this version lacks is recorded then. */
export const isRecording = (): boolean => expect.getState().snapshotState.snapshotUpdateState === 'all';

/** All that were ever recorded. */
export async function recordings(): Promise<readonly Recording[]> {
  await mkdir(FOLDER, { recursive: true });
  const files = (await readdir(FOLDER, { recursive: true })).filter((file) => file.endsWith('.json')).toSorted();
  return Promise.all(
    files.map(async (file) => ({
      name: file.replaceAll('\\', '/').replace(/\.json$/, ''),
      text: await readFile(new URL(file, FOLDER), 'utf8'),
    })),
  );
}

/** Writes down what a workflow has gone through, one event a line. */
export async function record(scenario: string, handle: WorkflowHandle, folder: string = VERSION): Promise<void> {
  const { events } = JSON.parse(historyToJSON(await handle.fetchHistory()), told) as { readonly events: readonly unknown[] };
  await mkdir(new URL(`${folder}/`, FOLDER), { recursive: true });
  const lines = events.map((event) => JSON.stringify(event)).join(',\n');
  await writeFile(new URL(`${folder}/${scenario}.json`, FOLDER), `{"events":[\n${lines}\n]}\n`);
}

/** What a replay does not look at, and what tells of the machine. */
const LEFT_OUT: ReadonlySet<string> = new Set(['identity', 'requestId', 'stackTrace', 'taskId', 'workerVersion', 'deploymentOptions']);

function told(name: string, value: unknown): unknown {
  if (LEFT_OUT.has(name)) return undefined;
  // A worker's own queue is named after its machine.
  const { normalName } = Object(value) as { readonly normalName?: string };
  return name === 'taskQueue' && normalName ? { name: normalName, kind: 'TASK_QUEUE_KIND_NORMAL' } : value;
}

/** Replays them all, and returns what each that failed says. */
export async function failuresOf(those: readonly Recording[], options: ReplayWorkerOptions): Promise<Record<string, string>> {
  const histories = those.map(({ name, text }) => ({ workflowId: name, history: JSON.parse(text) as unknown }));
  const failures: Record<string, string> = {};
  for await (const { workflowId, error } of Worker.runReplayHistories(options, histories)) {
    if (error !== undefined) failures[workflowId] = error.message;
  }
  return failures;
}
