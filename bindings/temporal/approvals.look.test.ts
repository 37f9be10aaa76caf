import { expect, test } from 'vitest';
import { ApprovalPendingError, type PendingApproval } from '../../core/errors.ts';
import { INFO, testGovernor } from '../../core/test-support.ts';
import { lookAtApprovals } from './approvals.ts';
import type { Approvals, Heartbeats } from './heartbeats.ts';

const waiting = (name: string): PendingApproval => ({ step: name, place: name, parts: {}, approvalId: name, expiresAt: null, reason: null, identifier: name, round: 1 });

/** What is known of an activity's approvals after one look at each, where Core tells of this one whichever is looked at. */
async function afterLooking(names: readonly string[], id: string, verdict: string): Promise<Approvals> {
  const { governor } = testGovernor(() => ({ json: { id, verdict } }));
  let approvals: Approvals = { pending: names.map(waiting), granted: [] };
  const heartbeats: Heartbeats = {
    get approvals() {
      return approvals;
    },
    remember: (latest) => void (approvals = latest),
    beat: () => undefined,
    latest: undefined,
    restore: () => undefined,
  };
  const looked = lookAtApprovals(governor, INFO, { halt: async () => undefined }, heartbeats);
  await expect(looked).rejects.toBeInstanceOf(ApprovalPendingError);
  return approvals;
}

const left = ({ pending, granted }: Approvals): unknown => [pending, granted].map((all) => all.map(({ approvalId }) => approvalId));

test.each([
  ['the first', 'a', [['b', 'c'], ['a']]],
  ['the second', 'b', [['a', 'c'], ['b']]],
  ['the last', 'c', [['a', 'b'], ['c']]],
])('three at once, and each look tells that %s is granted: it is, and once', async (_which, id, expected) => {
  expect(left(await afterLooking(['a', 'b', 'c'], id, 'allow'))).toEqual(expected);
});

test('what a look tells of an approval that is still open grants nothing', async () => {
  expect(left(await afterLooking(['a', 'b'], 'b', 'require_approval'))).toEqual([['a', 'b'], []]);
});
