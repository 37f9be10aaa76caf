import type { PatchActivationInput } from '@temporalio/worker';
import { describe, expect, test } from 'vitest';
import { type OpenBoxOptions, resolveConfig } from '../../core/config.ts';
import { decidePatches } from './patches.ts';
import { ASKED_ANEW, LATE_SIGNALS, LOST_HALTS, PATCHES, SKIP_SIGNAL } from './workflow/protocol.ts';

const EVENTS = [...Object.values(PATCHES).filter((id) => id !== PATCHES.approvals), LOST_HALTS];

function decide(patchId: string, options: OpenBoxOptions = {}, own?: () => boolean): boolean {
  const config = resolveConfig({ openboxUrl: 'http://localhost', openboxApiKey: 'obx_test_patches', ...options });
  const workflowInfo = { workflowType: 'agent', taskQueue: 'agents' };
  return decidePatches(config, own)({ patchId, workflowInfo } as PatchActivationInput);
}

test.each<[string, OpenBoxOptions, readonly string[]]>([
  ['everything by default', {}, EVENTS],
  ['all but the start without sendStartEvent', { sendStartEvent: false }, EVENTS.filter((id) => id !== PATCHES.start)],
  ['nothing of a skipped workflow type', { skipWorkflowTypes: ['agent'] }, []],
  ['everything of another type', { skipWorkflowTypes: ['other'] }, EVENTS],
  ['nothing on a task queue that is not enforced', { enforceTaskQueues: ['other'] }, []],
  ['everything on one that is', { enforceTaskQueues: ['other', 'agents'] }, EVENTS],
])('tells %s', (_what, options, expected) => {
  expect(EVENTS.filter((patchId) => decide(patchId, options))).toEqual(expected);
});

test.each<[OpenBoxOptions, boolean]>([
  [{ skipWorkflowTypes: ['agent'] }, true],
  [{ enforceTaskQueues: ['other'] }, false],
])('with %j approvals are waited for in the workflow: %s', (options, expected) => {
  expect(decide(PATCHES.approvals, options)).toBe(expected);
});

test.each([{}, { skipWorkflowTypes: ['agent'] }, { enforceTaskQueues: ['other'] }])('with %j a signal that was kept is carried and delivered, and an approval is asked for anew', (options) => {
  for (const patchId of [LATE_SIGNALS, ASKED_ANEW]) expect(decide(patchId, options, () => false)).toBe(true);
});

test.each([
  [['poke'], 'poke', true],
  [['poke'], 'add', false],
  [[], 'poke', false],
])('with skipSignals %j the signal %s is skipped: %s', (skipSignals, name, expected) => {
  expect(decide(SKIP_SIGNAL + name, { skipSignals })).toBe(expected);
});

describe("a patch of the user's own", () => {
  test('is on where the user does not decide, as without us', () => {
    expect(decide('theirs')).toBe(true);
  });

  test('is what the user says', () => {
    expect(decide('theirs', {}, () => false)).toBe(false);
  });

  test('is not asked for ours', () => {
    expect(decide(PATCHES.start, {}, () => false)).toBe(true);
  });
});
