import { expect, test, vi } from 'vitest';
import { runActivity } from './activity.ts';
import type { Attempt } from './attempt.ts';
import { createGate } from './gate.ts';
import { governIn } from './govern.ts';
import { ALLOW, INFO, testAttempt, testGovernor, testHost } from './test-support.ts';

test("with nothing running a call is nobody's", () => {
  const { governor, lines } = testGovernor(() => ALLOW, { unattributed: 'deny' });
  expect(createGate(governor.scopes).enter('fetch')).toBeUndefined();
  expect(lines).toEqual([]);
});

test("inside an activity it is the activity's", async () => {
  const { governor } = testGovernor();
  const gate = createGate(governor.scopes);
  const found = await runActivity(governor, INFO, [], async () => gate.enter('fetch')?.info.activityId, testHost());
  expect(found).toBe('2');
});

test.each([
  ['allow', 0, false],
  ['report', 1, false],
  ['deny', 0, true],
] as const)('a call that belongs to none while one runs, with unattributed %s', async (unattributed, lines, denied) => {
  const core = testGovernor(() => ALLOW, { unattributed });
  const { running, storage } = core.governor.scopes;
  let attempt!: Attempt;
  await runActivity(core.governor, INFO, [], async () => void (attempt = storage.get() as Attempt), testHost());
  running.add({ ...attempt, ended: false });
  let refused = false;
  try {
    createGate(core.governor.scopes).enter('fetch');
  } catch (error) {
    refused = String(error).includes('"fetch" belongs to no running activity');
  }
  expect(refused).toBe(denied);
  expect(core.lines.length).toBe(lines);
});

test('late work of an activity that has ended is unattributed, also with nothing running', async () => {
  const { governor } = testGovernor(() => ALLOW, { unattributed: 'deny' });
  const { storage } = governor.scopes;
  const late = await runActivity(governor, INFO, [], async () => storage.get() as Attempt, testHost());
  expect(() => storage.run(late, () => createGate(governor.scopes).enter('fetch'))).toThrow('belongs to no running activity');
});

test('what the runtime calls inside an operation is part of it; what code of the user’s calls there is not', async () => {
  const { governor } = testGovernor();
  const gate = createGate(governor.scopes);
  const operation = { type: 'function_call', function: 'f', module: null } as const;
  const found = await runActivity(
    governor,
    INFO,
    [],
    async () => {
      const attempt = governor.scopes.storage.get() as Attempt;
      const inside = (opaque: boolean): Promise<boolean> =>
        governIn(attempt, { ...operation }, async () => gate.enter('fetch') === undefined, { describe: () => ({}), opaque });
      return [await inside(true), await inside(false), gate.enter('fetch') === undefined];
    },
    testHost(),
  );
  expect(found).toEqual([true, false, false]);
});

test('what the runtime does for itself is nobody’s, inside an activity and out; where nothing runs it is not even looked at', async () => {
  const core = testGovernor(() => ALLOW, { unattributed: 'deny' });
  const gate = createGate(core.governor.scopes);
  const exempt = vi.fn(() => true);
  expect(gate.enter('fs.readFileSync', exempt)).toBeUndefined();
  expect(exempt).not.toHaveBeenCalled();
  const found = await runActivity(core.governor, INFO, [], async () => gate.enter('fs.readFileSync', exempt), testHost());
  expect(found).toBeUndefined();
  expect(exempt).toHaveBeenCalledOnce();
  core.governor.scopes.running.add(testAttempt(core));
  expect(gate.enter('fs.readFileSync', exempt)).toBeUndefined();
  expect(() => gate.enter('fs.readFileSync', () => false)).toThrow('belongs to no running activity');
});
