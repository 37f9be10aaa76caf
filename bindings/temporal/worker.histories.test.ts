import { hostname } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import type { OpenBoxOptions } from '../../core/config-options.ts';
import { resolveConfig } from '../../core/config.ts';
import { VERSION } from '../../core/version.ts';
import { root } from '../../tools/command.ts';
import { prepareBundle } from './bundle.ts';
import { failuresOf, isRecording, record, recordings, type Recording, UNGOVERNED } from './histories.test-support.ts';
import { kindsActivities, kindsBundle, kindsPath } from './kinds.test-support.ts';
import { GOVERNED, PLAIN, ungoverned } from './scenarios.test-support.ts';
import { bundle, openWorld, quiet, unique } from './test-support.ts';

let all: readonly Recording[] = [];
beforeAll(async () => {
  quiet();
  all = await recordings();
});

test('every scenario is recorded: else run this file with -u', async () => {
  if (isRecording()) {
    await recordAll();
    all = await recordings();
  }
  const names = [
    ...Object.keys(PLAIN).flatMap((name) => [`${UNGOVERNED}/${name}`, `${VERSION}/${name}`]),
    ...Object.keys(GOVERNED).map((name) => `${VERSION}/${name}`),
  ];
  expect(all.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
}, 600_000);

async function recordAll(): Promise<void> {
  await using world = await openWorld({ activities: kindsActivities, workflowBundle: await kindsBundle() });
  const taskQueue = unique('plain');
  await using _plain = await ungoverned(world, taskQueue);
  // What is recorded stays as it is: later code has to replay it.
  const lacking = (scenarios: typeof PLAIN, folder: string) =>
    Object.entries(scenarios).filter(([name]) => !all.some((recording) => recording.name === `${folder}/${name}`));
  for (const [name, play] of lacking(PLAIN, UNGOVERNED)) await record(name, await play(world, taskQueue), UNGOVERNED);
  for (const [name, play] of lacking({ ...PLAIN, ...GOVERNED }, VERSION)) await record(name, await play(world, world.taskQueue));
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
  const isUngoverned = (name: string): boolean => name.startsWith(`${UNGOVERNED}/`) || name.endsWith('/skipped');
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
    expect(text.length, name).toBeLessThan(30_000);
    for (const place of [root, hostname()]) expect(text.includes(place), `${name} names ${place}`).toBe(false);
    if (name.startsWith(UNGOVERNED)) expect(text, name).not.toContain('openbox');
  }
});
