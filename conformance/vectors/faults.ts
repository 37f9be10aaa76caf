/** A fault that governance of agents can have, and the test that fails where this SDK has it. */
export interface Fault {
  readonly id: string;
  readonly what: string;
  /** Of the test, from the root of the project. */
  readonly file: string;
  /** The test's title without its tag, which names the faults that it is about. */
  readonly test: string;
}

type Row = readonly [id: string, file: string, test: string, what: string];

/** Nothing but a name stands for each row in the title of its test: `(fault: id)`, or several ids. */
const SECTIONS: Readonly<Record<string, readonly Row[]>> = {
  'Workflows': [
    ['signal-lost', 'bindings/temporal/worker.signals.test.ts', 'that starts a workflow which ends in the same tick is not lost either', 'A signal waits for Core before its handler runs; a workflow that ends meanwhile never gets it.'],
    ['signal-delayed', 'bindings/temporal/worker.signals.test.ts', 'is handled at once, while Core is still thinking', 'A slow Core holds up the handlers of signals.'],
    ['signal-block-known-to-one-worker', 'bindings/temporal/approvals.workers.test.ts', "a signal's BLOCK stops what comes next, whichever worker was told of it", 'The verdict on a signal lives in the worker that asked: on another one the next activity runs.'],
    ['signal-halt-late', 'bindings/temporal/worker.signals.test.ts', "a signal's HALT terminates the workflow as soon as it is known", 'A HALT of a signal takes effect only when the next activity starts, or never.'],
    ['early-update-rejected', 'bindings/temporal/worker.signals.test.ts', 'that starts its workflow is answered', 'Workflow code starts after the answer to WorkflowStarted, so an update that comes with the start finds no handler.'],
    ['update-ungoverned', 'bindings/temporal/worker.signals.test.ts', 'that is blocked fails and changes nothing; nothing else is stopped by it', 'An update changes a workflow unasked.'],
    ['await-breaks-replay', 'bindings/temporal/worker.replay.test.ts', 'histories made without us replay with us', 'One promise awaited before a call goes on, and older histories no longer replay.'],
    ['continue-as-new-untold', 'bindings/temporal/worker.events.test.ts', 'continue-as-new completes each run with a null output', 'Continue-as-new counts as a failure, or ends a run without a word.'],
    ['cancelled-workflow-untold', 'bindings/temporal/worker.events.test.ts', 'a cancelled workflow failed with CancelledFailure', 'A cancelled workflow cannot tell its end any more, since what tells it is cancelled too.'],
    ['cancellation-told-as-crash', 'bindings/temporal/worker.events.test.ts', 'a cancelled activity failed with CancelledFailure, and so did its workflow', 'A workflow that was cancelled is told as one that an activity failed.'],
    ['cancelled-activity-told-as-completed', 'bindings/temporal/worker.events.test.ts', 'a cancelled activity failed with CancelledFailure, and so did its workflow', 'A cancelled activity is told as completed.'],
    ['living-workflow-told-as-failed', 'bindings/temporal/worker.events.test.ts', 'an error that fails only the workflow task tells nothing, for the workflow lives', 'WorkflowFailed is sent for an error that fails a workflow task only.'],
    ['core-down-retried-for-ever', 'bindings/temporal/worker.outage.test.ts', 'a workflow is terminated after three attempts of its first event, with the reason', 'Under fail_closed the event of a Core that is down is tried for ever, and its workflow hangs.'],
    ['event-without-verdict-passes', 'bindings/temporal/worker.outage.test.ts', 'halts under fail_closed', 'Under fail_closed an answer to a workflow event that says nothing known lets the workflow go on.'],
    ['failure-known-by-its-message', 'bindings/temporal/failures.test.ts', 'is never read from the message', 'A failure whose text happens to name one of ours is taken for it.'],
    ['workflow-error-hidden', 'bindings/temporal/worker.outage.test.ts', "leaves a workflow's own failure in place under %s", 'Where the event of a failed workflow cannot be sent, that hides why it failed.'],
    ['halt-reason-lost', 'bindings/temporal/worker.halt.test.ts', 'at WorkflowStarted', 'A terminated workflow does not give the reason of its HALT.'],
    ['halt-escaped-by-next-run', 'bindings/temporal/worker.halt.test.ts', 'a run that went on meanwhile does not escape', 'A HALT ends the run that it was asked about, which has continued as new by then.'],
    ['halt-hits-id-used-again', 'bindings/temporal/worker.halt.test.ts', 'a later workflow of the same id is not hit', 'A late HALT terminates another workflow that has the same id by now.'],
    ['key-in-history', 'bindings/temporal/test-support.ts', 'the API key stands in no history and no log', 'The API key travels in the input of the activity that sends events, into every history.'],
    ['workers-share-configuration', 'bindings/temporal/worker.features.test.ts', 'by each worker with its own key', 'The last worker of a process decides by which Core and key all of them are governed.'],
  ],
  'Activities': [
    ['block-swallowed', 'bindings/temporal/worker.verdicts.test.ts', 'at a hook that the activity swallows: it fails all the same, and nothing runs after it', 'An activity that catches its block completes.'],
    ['block-becomes-approval', 'bindings/temporal/worker.verdicts.test.ts', 'at a hook stays a BLOCK, where the next operation would need an approval', 'After a block the activity waits for a human and runs again: its state says that it was stopped, and not by what.'],
    ['failed-activity-untold', 'core/activity.test.ts', 'a swallowed block still fails the activity, and its end is told as failed', 'An activity that was stopped in between never tells its end.'],
    ['stop-unseen-after-a-wait', 'core/govern.test.ts', 'an operation whose question was out while another was blocked does not run', 'An operation that was allowed runs, though its activity was stopped while it waited.'],
    ['own-error-hidden', 'core/activity.test.ts', 'surfaces whatever becomes of that event', "Where the event of a failure cannot be sent, that hides the activity's own error."],
    ['redaction-not-applied', 'bindings/temporal/worker.verdicts.test.ts', 'replace %s of the input, for the activity, its hooks and its end', 'The end shows redacted arguments, and the activity ran on the original: all but objects of some classes.'],
    ['hooks-show-unredacted', 'bindings/temporal/worker.verdicts.test.ts', 'replace %s of the input, for the activity, its hooks and its end', 'Operations inside an activity still show the arguments as they were before their redaction.'],
    ['redaction-leaves-tail', 'core/redaction.kinds.test.ts', 'an array is replaced whole, its tail too; items that come back as they were stay the originals', 'A shorter list is merged into a longer one, whose other items stay unredacted.'],
    ['hook-guardrails-ignored', 'bindings/temporal/worker.verdicts.test.ts', "replace a function's result", 'Guardrails in the answer to an operation are dropped.'],
    ['buffers-shared', 'bindings/node/index.test.ts', 'twenty activities at once keep apart', 'Activities that run at once find the state of one another.'],
    ['outside-governed', 'bindings/node/index.test.ts', 'outside an activity nothing is asked', 'What happens outside of every activity is asked about.'],
    ['late-work-unseen', 'core/activity.test.ts', 'late work of an activity that has ended is unattributed', 'What an activity left running does after its end is nobody\'s, and nobody says so.'],
    ['core-exempt-by-url', 'bindings/node/index.test.ts', 'traffic to Core is exempt by the way it takes, not by its URL', 'An activity that calls the address of Core, to approve itself, is not asked about.'],
    ['heartbeat-details-lost', 'bindings/temporal/approvals.hooks.test.ts', "the user's heartbeat details survive the wait, and the grant a later failure", 'What governance keeps between attempts takes the place of the details that the activity heartbeats.'],
    ['stream-held-back', 'bindings/adapters/fetch-response.test.ts', 'chunks arrive before the end, and only the end waits for Core', 'A body is read whole before its reader gets the first chunk.'],
  ],
  'Approvals': [
    ['approval-forgotten-by-restart', 'bindings/temporal/approvals.workers.test.ts', 'a worker that is killed while five approvals are open is replaced: none is asked anew, each runs once', 'Open approvals live in a process: after its death they are asked for again.'],
    ['approval-known-to-one-worker', 'bindings/temporal/approvals.workers.test.ts', 'one of two workers of a queue is killed in the middle of a look: the other goes on', 'Another worker of the queue knows nothing of an open approval.'],
    ['approval-asked-again-after-grant', 'bindings/temporal/approvals.test.ts', 'granted: a further wish for approval counts as allowed, a BLOCK does not', 'A policy that repeats itself asks for what was granted, until no attempt is left.'],
    ['hook-grant-forgotten', 'bindings/temporal/approvals.hooks.test.ts', 'one after the other, each remembers the grants before it', 'The same at an operation: a grant is forgotten when the activity runs again.'],
    ['approval-swallowed', 'bindings/temporal/approvals.hooks.test.ts', 'swallowed: the activity waits all the same, and runs again', 'An activity that catches the stop of an operation that needs approval completes without it.'],
    ['approval-uses-attempts', 'bindings/temporal/approvals.wait.test.ts', 'go on where they were: three are three, the wait none', 'Waiting uses up the attempts of the activity.'],
    ['approval-needs-attempts', 'bindings/temporal/approvals.test.ts', '%s: waited for, and run once', 'An activity with one attempt cannot be approved.'],
    ['approval-shared-by-workflow', 'bindings/temporal/approvals.test.ts', 'parallel activities wait each for its own', 'State that is keyed by the workflow: the decision about one activity is taken for that of another beside it.'],
    ['approval-shared-by-id', 'bindings/temporal/approvals.wait.test.ts', 'the same activity id in two runs: each its own', 'Activities of the same id share a decision.'],
    ['approval-holds-up-others', 'bindings/temporal/approvals.test.ts', 'an activity beside one that waits runs meanwhile', 'An activity that nobody has to approve waits for the approval of one beside it.'],
    ['approval-repeats-work', 'bindings/temporal/approvals.end.test.ts', 'granted at its end: the work is not done again, only its end is asked again', 'An activity whose end had to be approved runs twice.'],
    ['approval-waved-through', 'bindings/temporal/approvals.test.ts', 'with hitlEnabled false nobody can be asked: refused', 'Where no human can be asked, what needs one goes through.'],
    ['poll-without-verdict-grants', 'bindings/temporal/approvals.test.ts', 'a look that brings no verdict is no decision', 'An answer without a verdict, to the question how an approval stands, counts as a grant.'],
    ['poll-with-unknown-word-grants', 'core/client.test.ts', 'a poll: %s', 'So does a word that nobody knows.'],
    ['poll-interval-ignored', 'bindings/temporal/approvals.test.ts', 'it is looked at by hitlPollIntervalMs, whatever the retry policy', 'The interval of the option is not that of the polls.'],
    ['local-activity-cannot-wait', 'bindings/temporal/approvals.wait.test.ts', 'a local activity keeps its id', 'A local activity cannot be approved, or comes back under another id.'],
    ['standalone-activity-cannot-wait', 'bindings/temporal/approvals.fallback.test.ts', '%s waits by its own retries', 'An activity without a workflow cannot be approved.'],
  ],
  'Answers': [
    ['unknown-verdict-passes', 'bindings/temporal/worker.verdicts.test.ts', 'an answer that cannot be followed is refused', 'A verdict that nobody knows lets an activity run.'],
    ['no-answer-passes', 'core/client.test.ts', '%s is sorted as it should be', 'No JSON, an array, a number, 204 or a redirect pass as an ALLOW, even under fail_closed.'],
    ['numeric-verdicts-unread', 'core/verdict.test.ts', 'the numbers 0 to 4 mean the verdicts in order', 'A verdict that is sent as a number is not understood, and passes.'],
    ['closed-hook-halts-nothing', 'bindings/temporal/worker.outage.test.ts', 'at %s: what was asked about is refused and the workflow terminated', 'Under fail_closed a Core that is down fails the activity at an operation, and its workflow goes on.'],
    ['odd-number-ends-workflow', 'bindings/temporal/worker.events.test.ts', 'an output that is no number ends no workflow under fail_closed', 'An event with NaN in it cannot be sent, and under fail_closed the workflow is terminated for it.'],
    ['revoked-key-passes', 'core/govern.test.ts', '%s lets nothing through under either policy', 'A key that was revoked lets everything through under fail_open.'],
    ['inactive-key-accepted', 'core/client.test.ts', 'validate refuses a key on %s', 'Core says at the start that the key is not valid, and the worker starts.'],
    ['odd-answer-blamed-on-key', 'core/client.test.ts', 'validate calls %s a network error', 'A server that is no Core is told as an invalid key.'],
    ['skip-list-replaces-default', 'core/config.test.ts', '%s takes %o', 'Who skips an activity type has the sending of events governed: the option replaces its default.'],
    ['files-off-by-default', 'core/config.test.ts', 'every option has its default', 'Files are governed or not by default, depending on which text is read.'],
  ],
  'Operations': [
    ['method-is-no-text', 'core/span.test.ts', 'http_request: every field at both stages, credentials masked', 'The method of a request is the text of bytes, by which no policy finds it.'],
    ['credentials-sent', 'core/span.test.ts', 'http_request: every field at both stages, credentials masked', 'Credentials in headers are sent to Core.'],
    ['body-missing-at-started', 'bindings/adapters/fetch-body.test.ts', 'shown at started, and sent: %s', 'The body of a request is not there when it is asked about.'],
    ['body-without-limit', 'bindings/adapters/fetch-response.test.ts', 'what is shown is cut, what is read is not', 'Bodies are sent whole, however long.'],
    ['http-client-unseen', 'bindings/adapters/http-client.test.ts', 'is one request, shown whole: %s', "The runtime's other HTTP client is not asked about, or without its method and with its URL twice."],
    ['bytes-are-characters', 'bindings/adapters/file-promises.test.ts', 'written from %s', 'Characters are counted as bytes.'],
    ['binary-shown-as-source', 'bindings/adapters/file-promises.test.ts', 'is shown only where capture is on, as text, cut', 'Bytes that are no text are shown as they would be written in source.'],
    ['statement-asked-by-layer', 'bindings/drivers/pg.order.test.ts', 'is one operation a query, connecting included, whether by promise or callback', 'A statement is asked about by each layer that it passes.'],
    ['failed-statement-untold', 'bindings/drivers/pg.test.ts', 'that fails says so, and a value that cannot be sent too', 'A statement that fails tells no end.'],
    ['statement-block-swallowed', 'bindings/drivers/pg.test.ts', 'that brings rows is withheld where its end is blocked', 'A block at the end of a statement is swallowed: its rows are handed out.'],
    ['statement-end-unanswered-passes', 'bindings/drivers/pg.test.ts', 'that brings rows is withheld under fail_closed, where Core is down at its end', 'Under fail_closed a Core that is down at the end of a statement is ignored.'],
    ['statements-share-a-span', 'bindings/drivers/pg.test.ts', 'has a span of its own, below its activity', 'All statements of an activity have one span id, and no parent.'],
  ],
};

/** What other SDKs were seen or read to do wrong. Each has a test that is named after it and fails without the cure. */
export const FAULTS: readonly (Fault & { readonly section: string })[] = Object.entries(SECTIONS).flatMap(([section, rows]) =>
  rows.map(([id, file, test, what]) => ({ section, id, what, file, test })));

/** What stands at the end of a test's title. */
export const tagOf = (ids: readonly string[]): string => ` (fault: ${ids.join(', ')})`;
