import { refuseUnknown } from './config.ts';
import { OpenBoxConfigError } from './errors.ts';
import type { Governor } from './governor.ts';
import type { WorkflowOptions } from './workflow.ts';

const OPTIONS = Object.keys({
  workflowType: true, workflowId: true, taskQueue: true, signal: true,
} satisfies Record<keyof WorkflowOptions, true>);

/** Without types, too, a wrong call is refused before anything runs. */
export function checkRun(governor: Governor, options: WorkflowOptions, input: unknown, body: unknown): void {
  if (governor.closing.signal.aborted) {
    throw new OpenBoxConfigError('runWorkflow was called after close(): expected governance that is open; call createOpenBox again, or close later');
  }
  refuseUnknown(options, OPTIONS);
  refuseUnless(isName(options.workflowType), 'runWorkflow needs the option workflowType: expected a text, such as { workflowType: "Agent" }', 'workflowType');
  refuseUnless(Array.isArray(input), 'The second argument of runWorkflow is no list: expected the arguments of the body, [] for none');
  refuseUnless(typeof body === 'function', 'The third argument of runWorkflow is no function: expected the body of the workflow');
}

/** As `checkRun`, for one activity. */
export function checkActivity(activityType: unknown, args: unknown, run: unknown): void {
  refuseUnless(isName(activityType), 'The first argument of activity is no text: expected the type of the activity, such as "readPage"');
  refuseUnless(Array.isArray(args), 'The second argument of activity is no list: expected the arguments of its body, [] for none');
  refuseUnless(typeof run === 'function', 'The third argument of activity is no function: expected its body');
}

function isName(value: unknown): boolean {
  return typeof value === 'string' && value !== '';
}

function refuseUnless(holds: boolean, message: string, option?: string): void {
  if (!holds) throw new OpenBoxConfigError(message, option === undefined ? {} : { option });
}
