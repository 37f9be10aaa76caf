// `npm run bench`: what a synchronous question costs beside an asynchronous one, on each runtime in one run of its own.
import type { SyncQuestionTimes } from '../conformance/bench/sync-question.ts';
import { run } from './command.ts';
import { table } from './markdown.ts';
import { runCommand, type RuntimeName } from './runtimes.ts';

const RUNTIMES = ['node', 'bun', 'deno'] as const satisfies readonly RuntimeName[];

const rows: string[][] = [];
for (const runtime of RUNTIMES) {
  const [program, ...args] = await runCommand(runtime, `conformance/bench/${runtime}.ts`);
  process.stderr.write(`${runtime} …\n`);
  const { code, output } = await run(program, args);
  const line = output.split('\n').find((each) => each.startsWith('{'));
  if (code !== 0 || line === undefined) throw new Error(`The bench on ${runtime} failed:\n${output}`);
  const times = JSON.parse(line) as SyncQuestionTimes;
  rows.push([runtime, String(times.sync), String(times.async), (times.sync / times.async).toFixed(2)]);
}
process.stdout.write(`${table(['runtime', 'sync, µs', 'async, µs', 'sync / async'], rows)}\n`);
