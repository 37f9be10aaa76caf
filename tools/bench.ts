// `npm run bench`: what a synchronous question costs beside an asynchronous one, on each runtime in one run of its own.
import type { SyncQuestionTimes } from '../conformance/bench/sync-question.ts';
import { run } from './command.ts';
import { table } from './markdown.ts';
import { runtimePath } from './runtimes.ts';

type Command = readonly [command: string, ...args: string[]];

const RUNTIMES: Readonly<Record<string, () => Promise<Command>>> = {
  node: async () => [process.execPath, '--import', 'tsx'],
  bun: async () => [await runtimePath('bun')],
  deno: async () => [await runtimePath('deno'), 'run', '--allow-all', '--no-check', '--no-lock', '--node-modules-dir=manual'],
};

const rows: string[][] = [];
for (const [runtime, command] of Object.entries(RUNTIMES)) {
  const [program, ...args] = await command();
  process.stderr.write(`${runtime} …\n`);
  const { code, output } = await run(program, [...args, `conformance/bench/${runtime}.ts`]);
  const line = output.split('\n').find((each) => each.startsWith('{'));
  if (code !== 0 || line === undefined) throw new Error(`The bench on ${runtime} failed:\n${output}`);
  const times = JSON.parse(line) as SyncQuestionTimes;
  rows.push([runtime, String(times.sync), String(times.async), (times.sync / times.async).toFixed(2)]);
}
process.stdout.write(`${table(['runtime', 'sync, µs', 'async, µs', 'sync / async'], rows)}\n`);
