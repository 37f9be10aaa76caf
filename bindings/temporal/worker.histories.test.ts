import { hostname } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OpenBoxOptions } from '../../core/config-options.ts';
import { resolveConfig } from '../../core/config.ts';
import { VERSION } from '../../core/version.ts';
import { root } from '../../tools/command.ts';
import { prepareBundle } from './bundle.ts';
import { failuresOf, isRecording, record, recordings, type Recording, UNGOVERNED } from './histories.test-support.ts';
import { kindsActivities, kindsBundle, kindsPath } from './kinds.test-support.ts';
import { GOVERNED, PLAIN, type Scenario, ungoverned } from './scenarios.test-support.ts';
import { bundle, openWorld, quiet, unique } from './test-support.ts';

let all: readonly Recording[] = [];
beforeAll(async () => {
  quiet();
  all = await recordings();
});

test('every scenario is recorded: else run this file with -u', async () => {
  if (isRecording()) {
    await recordMissing();
    all = await recordings();
  }
  const names = [
    ...Object.keys(PLAIN).flatMap((name) => [`${UNGOVERNED}/${name}`, `${VERSION}/${name}`]),
    ...Object.keys(GOVERNED).map((name) => `${VERSION}/${name}`),
  ];
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
}, 600_000);

/** One that is there is never recorded anew: workers that made such histories are out in the world. */
async function recordMissing(): Promise<void> {
  const there = new Set(all.map(({ name }) => name));
  const missing = (scenarios: typeof PLAIN, folder: string): readonly (readonly [string, Scenario])[] =>
    Object.entries(scenarios).filter(([name]) => !there.has(`${folder}/${name}`));
  await using world = await openWorld({ activities: kindsActivities, workflowBundle: await kindsBundle() });
  const taskQueue = unique('plain');
  await using _plain = await ungoverned(world, taskQueue);
  for (const [name, play] of missing(PLAIN, UNGOVERNED)) await record(name, await play(world, taskQueue), UNGOVERNED);
  for (const [name, play] of missing({ ...PLAIN, ...GOVERNED }, VERSION)) await record(name, await play(world, world.taskQueue));
}

const withOptions = (options: OpenBoxOptions) => async () =>
  prepareBundle(await kindsBundle(), resolveConfig({ openboxUrl: 'http://localhost', openboxApiKey: 'obx_test_replay', ...options }));

const SKIPPED = { skipWorkflowTypes: ['inbox', 'steps', 'ends'], skipActivityTypes: ['echo'], skipSignals: ['add', 'put'] };

describe('every history that was ever recorded replays', () => {
  test.each([
    ['without options', kindsBundle],
    ['with the defaults', withOptions({})],
    ['with everything off', withOptions({ sendStartEvent: false, enforceTaskQueues: ['elsewhere'], ...SKIPPED })],
    ['under the other policy', withOptions({ governancePolicy: 'fail_closed', governanceTimeout: '1s' })],
  ])('%s', async (_what, make) => {
    expect(await failuresOf(all, { workflowBundle: await make() })).toEqual({});
  });
});

describe('what docs/operations.md warns of: without our interceptors', () => {
  const made = (by: (name: string) => boolean): readonly Recording[] => all.filter(({ name }) => by(name));
  const isUngoverned = (name: string): boolean => name.startsWith(`${UNGOVERNED}/`) || /\/(?:skipped|approval-fallback)$/.test(name);
  const without = () => bundle({ workflowsPath: kindsPath, workflowInterceptorModules: [] });

  test('what was never governed replays', async () => {
    expect(await failuresOf(made(isUngoverned), { workflowBundle: await without() })).toEqual({});
  });

  test('what was governed does not', async () => {
    const governed = made((name) => !isUngoverned(name));
    const failed = Object.keys(await failuresOf(governed, { workflowBundle: await without() }));
    expect(new Set(failed)).toEqual(new Set(governed.map(({ name }) => name)));
  });
});

test('a recorded history is small, and tells nothing of where it was made', () => {
  for (const { name, text } of all) {
    expect(text.length, name).toBeLessThan(40_000);
    for (const place of [root, hostname()]) expect(text.includes(place), `${name} names ${place}`).toBe(false);
    if (name.startsWith(UNGOVERNED)) expect(text, name).not.toContain('openbox');
  }
});
