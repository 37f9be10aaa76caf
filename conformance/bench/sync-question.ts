import type { OpenBox, OpenBoxOptions } from '../../core/index.ts';
import { startLocalCore } from '../testing.ts';

/** What of a runtime's entry is measured. */
export interface Measured {
  readonly createOpenBox: (options: OpenBoxOptions) => Promise<OpenBox>;
  readonly govern: (operation: Call, run: () => Promise<number>) => Promise<number>;
  readonly governSync: (operation: Call, run: () => number) => number;
}

interface Call {
  readonly type: 'function_call';
  readonly function: string;
  readonly module: null;
}

/** Medians, in microseconds, of one operation with both its questions. */
export interface SyncQuestionTimes {
  readonly sync: number;
  readonly async: number;
}

const WARM_UP = 200;
const ROUNDS = 1000;
const OPERATION: Call = { type: 'function_call', function: 'measured', module: null };

/**
 * How long an operation takes whose two questions are asked by the sync gate, and how long where they are asked
 * asynchronously: in turn, in one process, against one Core.
 */
export async function measureSyncQuestion({ createOpenBox, govern, governSync }: Measured): Promise<SyncQuestionTimes> {
  await using core = await startLocalCore();
  await using openbox = await createOpenBox({ openboxUrl: core.url, openboxApiKey: core.apiKey });
  const times = { sync: [] as number[], async: [] as number[] };
  await openbox.runWorkflow({ workflowType: 'Bench' }, [], ({ activity }) =>
    activity('measure', [], async () => {
      for (let round = 0; round < WARM_UP + ROUNDS; round++) {
        const start = performance.now();
        governSync(OPERATION, () => round);
        const middle = performance.now();
        await govern(OPERATION, async () => round);
        const end = performance.now();
        if (round < WARM_UP) continue;
        times.sync.push(middle - start);
        times.async.push(end - middle);
      }
    }),
  );
  return { sync: median(times.sync), async: median(times.async) };
}

function median(milliseconds: number[]): number {
  const sorted = milliseconds.sort((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) * 1000);
}
