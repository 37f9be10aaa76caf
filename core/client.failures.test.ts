import { describe, expect, test } from 'vitest';
import { runActivity } from './activity.ts';
import type { Attempt } from './attempt.ts';
import type { OpenBoxOptions } from './config.ts';
import { GovernanceAPIError, GovernanceHaltError, OpenBoxAuthError, OpenBoxNetworkError } from './errors.ts';
import { governIn, governSyncIn } from './govern.ts';
import type { Outcome } from './outcome.ts';
import type { CannedAnswer } from './ports/fetch.ts';
import { memorySyncGate, type SyncGate } from './ports/sync-gate.ts';
import { ALLOW, CALL, INFO, RESULT, stepOf, testGovernor, type TestGovernor, testHost } from './test-support.ts';
import { runWorkflow } from './workflow.ts';

/** Contract §4 and §5, cell by cell: whatever may go wrong with a question, wherever it is put, under either policy. */

type Kind = 'unreachable' | 'unauthorized' | 'unfollowable';
type Failing = (core: TestGovernor) => CannedAnswer;

const broken = (code: string): Failing => () => {
  throw new TypeError('fetch failed', { cause: Object.assign(new Error(`it said ${code}`), { code }) });
};
const late: Failing = ({ clock }) => {
  clock.advance(30_000);
  throw new Error('aborted');
};
const status = (code: number): Failing => () => ({ status: code, json: { verdict: 'allow' } });
const answer = (canned: CannedAnswer): Failing => () => canned;

const FAILURES: readonly (readonly [string, Kind, Failing])[] = [
  ['a refused connection', 'unreachable', broken('ECONNREFUSED')],
  ['a connection that breaks', 'unreachable', broken('ECONNRESET')],
  ['a name that nobody knows', 'unreachable', broken('ENOTFOUND')],
  ['no answer in time', 'unreachable', late],
  ...[201, 204, 302, 400, 404, 429, 500, 502, 503, 504].map((code) => [`HTTP ${code}`, 'unreachable', status(code)] as const),
  ['an HTML page', 'unreachable', answer({ text: '<html>allow</html>' })],
  ['an empty body', 'unreachable', answer({ text: '' })],
  ['a list', 'unreachable', answer({ json: [{ verdict: 'allow' }] })],
  ['a bare word', 'unreachable', answer({ json: 'allow' })],
  ...[401, 403].map((code) => [`HTTP ${code}`, 'unauthorized', status(code)] as const),
  ['a verdict nobody knows', 'unfollowable', answer({ json: { verdict: 'perhaps', id: 'apr-1' } })],
  ['no verdict', 'unfollowable', answer({ json: { id: 'apr-1' } })],
  ['a verdict that is no word', 'unfollowable', answer({ json: { verdict: true, action: 'allow', id: 'apr-1' } })],
  ['more than maxAnswerBytes', 'unfollowable', answer({ json: { verdict: 'allow', id: 'apr-1', reason: 'x'.repeat(1000) } })],
];
const POLICIES = ['fail_open', 'fail_closed'] as const;
type Policy = (typeof POLICIES)[number];
const CELLS = FAILURES.flatMap(([failure, kind, failing]) => POLICIES.map((policy) => ({ failure, kind, failing, policy })));

const OPTIONS: OpenBoxOptions = { maxAnswerBytes: 900 };

/** A Core that fails at one step and allows everything else. */
function failingAt(step: string, failing: Failing, governancePolicy: Policy, gate?: SyncGate): TestGovernor {
  const core: TestGovernor = testGovernor((asked) => (stepOf(asked) === step ? failing(core) : ALLOW), { ...OPTIONS, governancePolicy }, gate);
  return core;
}

/** What is thrown where a question fails; undefined where it goes on. */
const REFUSALS: Readonly<Record<Kind, Readonly<Record<Policy, (new (...args: never) => Error) | undefined>>>> = {
  unreachable: { fail_open: undefined, fail_closed: GovernanceHaltError },
  unauthorized: { fail_open: OpenBoxAuthError, fail_closed: OpenBoxAuthError },
  unfollowable: { fail_open: GovernanceAPIError, fail_closed: GovernanceAPIError },
};

const EVERYTHING = ['body', 'operation', 'result', 'output'];
const attemptOf = ({ governor }: TestGovernor): Attempt => governor.scopes.storage.get() as Attempt;

/** Where a question of an activity is put, and what has happened by then. */
const PLACES: readonly (readonly [string, string[]])[] = [
  ['ActivityStarted', []],
  ['started', ['body']],
  ['completed', ['body', 'operation']],
  ['ActivityCompleted', ['body', 'operation', 'result']],
];

async function plays(core: TestGovernor, operate: (attempt: Attempt, run: () => number) => unknown): Promise<{ readonly effects: string[]; readonly error: unknown; readonly halted: string[] }> {
  const effects: string[] = [];
  const host = testHost();
  const body = async (): Promise<string> => {
    effects.push('body');
    await operate(attemptOf(core), () => effects.push('operation'));
    effects.push('result');
    return 'output';
  };
  const error: unknown = await runActivity(core.governor, INFO, [], body, host).then((output) => void effects.push(output), (refusal: unknown) => refusal);
  return { effects, error, halted: host.halted };
}

function checks(core: TestGovernor, { effects, error, halted }: Awaited<ReturnType<typeof plays>>, happened: readonly string[], kind: Kind, policy: Policy): void {
  const refusal = REFUSALS[kind][policy];
  if (refusal === undefined) {
    expect([error, effects]).toEqual([undefined, EVERYTHING]);
    expect(core.lines).toMatchObject([{ level: 'warn', message: expect.stringMatching(/^OpenBox Core not reachable: .*; going on \(fail_open\)$/u) }]);
  } else {
    expect(error).toBeInstanceOf(refusal);
    expect(effects).toEqual(happened);
  }
  expect(halted).toHaveLength(refusal === GovernanceHaltError ? 1 : 0);
}

describe.each(PLACES)('at %s', (step, happened) => {
  test.each(CELLS)('$failure under $policy', async ({ failing, kind, policy }) => {
    const core = failingAt(step, failing, policy);
    const played = await plays(core, (attempt, run) => governIn(attempt, { ...CALL }, async () => run(), RESULT));
    checks(core, played, happened, kind, policy);
  });
});

describe.each(PLACES.slice(1, 3))('at %s of a synchronous operation', (stage, happened) => {
  test.each(CELLS)('$failure under $policy', async ({ failing, kind, policy }) => {
    // The gate's thread reads answers as the asynchronous way does.
    const other = failingAt('started', failing, policy);
    await plays(other, (attempt, run) => governIn(attempt, { ...CALL }, async () => run(), RESULT));
    const body = other.asked().find((asked) => stepOf(asked) === 'started')?.raw;
    const outcome = await other.governor.client.evaluate(String(body));
    expect(outcome.kind).toBe(kind);
    const allowed = { kind: 'answered', answer: { verdict: 'allow' } } as Outcome;
    const core = failingAt('none', failing, policy, memorySyncGate((asked) => (asked.includes(`"stage":"${stage}"`) ? outcome : allowed)));
    const played = await plays(core, (attempt, run) => governSyncIn(attempt, { ...CALL }, run, RESULT));
    checks(core, played, happened, kind, policy);
  });
});

describe('at a workflow event', () => {
  const run = (core: TestGovernor, body: () => Promise<string>): Promise<unknown> =>
    runWorkflow(core.governor, { workflowType: 'Agent' }, [], body).catch((error: unknown) => error);

  test.each(CELLS)('WorkflowStarted: $failure under $policy', async ({ failing, kind, policy }) => {
    const ended = await run(failingAt('WorkflowStarted', failing, policy), async () => 'ran');
    // What cannot be followed is a BLOCK there, which has no effect; under fail_closed a HALT.
    if (kind === 'unauthorized') expect(ended).toBeInstanceOf(OpenBoxAuthError);
    else if (policy === 'fail_closed') expect(ended).toBeInstanceOf(GovernanceHaltError);
    else expect(ended).toBe('ran');
  });

  test.each(CELLS)('WorkflowCompleted: $failure under $policy', async ({ failing, kind, policy }) => {
    const core = failingAt('WorkflowCompleted', failing, policy);
    const ended = await run(core, async () => 'ran');
    if (kind !== 'unauthorized' && policy === 'fail_closed') expect(ended).toBeInstanceOf(GovernanceHaltError);
    else expect(ended).toBe('ran');
    if (kind !== 'unreachable' && ended === 'ran') expect(core.lines).toMatchObject([{ level: 'error', message: expect.stringMatching(/^Stop of a workflow event has no effect: OpenBox Core /u) }]);
  });

  test.each(CELLS)('WorkflowFailed: $failure under $policy', async ({ failing, kind, policy }) => {
    const own = new Error('mine');
    const ended = await run(failingAt('WorkflowFailed', failing, policy), () => Promise.reject(own));
    if (kind !== 'unauthorized' && policy === 'fail_closed') expect(ended).toBeInstanceOf(GovernanceHaltError);
    else expect(ended).toBe(own);
  });
});

describe('at a look at an approval', () => {
  test.each(CELLS)('$failure under $policy: pending', async ({ failing, kind, policy }) => {
    let looks = 0;
    const core: TestGovernor = testGovernor(
      (asked) => {
        if (stepOf(asked) === 'started') return { json: { verdict: 'require_approval', approval_id: 'apr-1' } };
        if (stepOf(asked) !== 'approval') return ALLOW;
        // Core's own retries of one look count too.
        return ++looks <= 3 ? failing(core) : { json: { verdict: 'allow', id: 'apr-1' } };
      },
      { ...OPTIONS, governancePolicy: policy },
    );
    const { effects, error, halted } = await plays(core, (attempt, run) => governIn(attempt, { ...CALL }, async () => run(), RESULT));
    expect([error, effects, halted]).toEqual([undefined, EVERYTHING, []]);
    // A word that is no decision is how Core says that there is none yet.
    if (kind !== 'unfollowable') expect(core.lines).toContainEqual(expect.objectContaining({ level: 'warn', message: expect.stringMatching(/^Approval of "fetchPage" still pending: ./u) as string }));
  });
});

test.each(FAILURES.filter(([, kind]) => kind !== 'unfollowable'))('at the start: %s (%s)', async (_failure, kind, failing) => {
  const core = failingAt('validate', failing, 'fail_open');
  await expect(core.governor.client.validate()).rejects.toThrow(kind === 'unauthorized' ? OpenBoxAuthError : OpenBoxNetworkError);
});
