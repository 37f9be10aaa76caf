import { parseAnswer } from './answer.ts';
import { type ApprovalStatus, named, orExpired, parseApproval } from './approval-status.ts';
import { OpenBoxAuthError, OpenBoxNetworkError, type PendingApproval } from './errors.ts';
import { parseHttpDate } from './expiration.ts';
import { isRecord } from './is-record.ts';
import { toJson } from './json.ts';
import { failedWith } from './in-span.ts';
import type { Outcome } from './outcome.ts';
import type { Ports } from './ports/index.ts';
import type { SpanOutcome } from './ports/tracer.ts';
import { approvalShown, type Asker, EVALUATE, outcomeShown, questionSpan } from './question-span.ts';
import { printable } from './text.ts';
import { formatTraceparent } from './trace-context.ts';
import { type CoreAccess, createTransport, type Limits, type Reply } from './transport.ts';

/** Asks OpenBox Core. Contract §1. */
export interface CoreClient {
  /** Throws `OpenBoxAuthError` for a key that is not valid, `OpenBoxNetworkError` where Core gave no answer to go by. */
  validate(): Promise<void>;
  /** Asks; rejects only with the reason of `asking.signal`. */
  evaluate(body: string, asking?: Asking): Promise<Outcome>;
  /** Looks once at an approval; where Core tells of one of `others`, which wait for the same activity, at that one. */
  approval<T extends OpenApproval>(activity: ApprovalKey, open: T, asking?: Asking, others?: Iterable<T>): Promise<Look<T>>;
}

/** The bounds of a question, and who asks it. */
export interface Asking extends Limits, Asker {
  /** Put even to a Core that counts as dead. */
  readonly always?: boolean | undefined;
}

/** What the question that opened the approval was answered. */
export type OpenApproval = Pick<PendingApproval, 'approvalId' | 'expiresAt'>;

/** What a look told, and of which approval. */
export interface Look<T extends OpenApproval = OpenApproval> {
  readonly about: T;
  readonly status: ApprovalStatus;
}

/** Names the activity whose approval is open. */
export interface ApprovalKey {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

const VALIDATE = '/api/v1/auth/validate';
const APPROVAL = '/api/v1/governance/approval';

/** A client of OpenBox Core, over the ports of a runtime; it opens nothing. */
export function createClient(config: CoreAccess, ports: Pick<Ports, 'fetch' | 'clock' | 'tracer'>, sdkId: string): CoreClient {
  const send = createTransport(config, ports, sdkId);

  /** Puts a question, inside a span where somebody traces. */
  const ask = async <R>(
    name: string,
    path: string,
    body: string,
    { step, parent, ...limits }: Asking,
    read: (reply: Reply) => R,
    shown: (read: R) => SpanOutcome,
  ): Promise<R> => {
    const span = questionSpan(ports.tracer, name, config.openboxUrl + path, { step, parent });
    try {
      const reply = await send('POST', path, body, { ...limits, traceparent: span && formatTraceparent(span) });
      const result = read(reply);
      const { attributes, error } = shown(result);
      span?.end({ attributes: { ...attributes, ...(reply.kind === 'answer' && { 'http.response.status_code': reply.status }) }, error });
      return result;
    } catch (error) {
      span?.end(failedWith(error));
      throw error;
    }
  };

  return {
    async validate() {
      const sorted = sort(await send('GET', VALIDATE, undefined));
      const inactive = sorted.kind === 'json' && (sorted.json['valid'] === false || sorted.json['active'] === false);
      if (sorted.kind === 'json' && !inactive) return;
      const problem = sorted.kind === 'json' ? 'the key is not active' : sorted.problem;
      if (inactive || sorted.kind === 'unauthorized') {
        throw new OpenBoxAuthError(
          `OpenBox Core at "${config.openboxUrl}" refused the API key (${problem}): check openboxApiKey or OPENBOX_API_KEY`,
          { option: 'openboxApiKey' },
        );
      }
      throw new OpenBoxNetworkError(
        `OpenBox Core at "${config.openboxUrl}" gave no usable answer (${problem}): check openboxUrl or OPENBOX_URL and that Core runs, or set validateApiKey to false to start unasked`,
        { option: 'openboxUrl' },
      );
    },

    evaluate: (body, asking = {}) => ask('evaluate', EVALUATE, body, asking, readOutcome, outcomeShown),

    approval({ workflowId, runId, activityId }, open, asking = {}, others = []) {
      const body = toJson({ workflow_id: workflowId, run_id: runId, activity_id: activityId });
      return ask('approval', APPROVAL, body, asking, (reply) => readApproval(reply, open, others, ports.clock.now()), ({ status }) => approvalShown(status));
    },
  };
}

function readOutcome(reply: Reply): Outcome {
  const sorted = sort(reply);
  if (sorted.kind !== 'json') return sorted;
  const parsed = parseAnswer(sorted.json);
  return parsed.ok
    ? { kind: 'answered', answer: parsed.answer }
    : { kind: 'unfollowable', problem: printable(parsed.problem) };
}

function readApproval<T extends OpenApproval>(reply: Reply, open: T, others: Iterable<T>, ownNow: number): Look<T> {
  const now = (reply.kind === 'answer' ? parseHttpDate(reply.date) : null) ?? ownNow;
  const sorted = sort(reply);
  if (sorted.kind === 'json') {
    const about = named(sorted.json, others) ?? open;
    return { about, status: orExpired(parseApproval(sorted.json, about, now), about, now) };
  }
  // A failed poll counts as pending; a refused key is told apart so that a person hears of it. Contract §5, §6.
  const untold: ApprovalStatus = { status: 'pending', problem: sorted.problem, ...(sorted.kind === 'unauthorized' && { unauthorized: true }) };
  return { about: open, status: orExpired(untold, open, now) };
}

/** Sorts a reply into contract §4's kinds of bad answer, or hands its JSON object on. */
function sort(reply: Reply): { readonly kind: 'json'; readonly json: Readonly<Record<string, unknown>> } | Exclude<Outcome, { kind: 'answered' }> {
  if (reply.kind === 'failed') return { kind: 'unreachable', problem: reply.problem, outage: reply.outage };
  const { status } = reply;
  if (status === 401 || status === 403) return { kind: 'unauthorized', problem: statusText(reply) };
  // A status such as 400 is about the question: Core is there.
  if (status !== 200) return { kind: 'unreachable', problem: statusText(reply), outage: status < 400 || status === 429 || status >= 500 };
  if (reply.text === null) return { kind: 'unfollowable', problem: 'its answer is longer than maxAnswerBytes' };
  const json = parseJson(reply.text);
  return isRecord(json) ? { kind: 'json', json } : { kind: 'unreachable', problem: 'its answer is not a JSON object', outage: true };
}

function statusText(reply: Extract<Reply, { kind: 'answer' }>): string {
  const json = parseJson(reply.text ?? '');
  const code = isRecord(json) && typeof json['reason_code'] === 'string' ? ` ${printable(json['reason_code'], 100)}` : '';
  return `HTTP ${reply.status}${code}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
