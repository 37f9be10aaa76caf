import { isObject, parseAnswer } from './answer.ts';
import { type ApprovalStatus, parseApproval } from './approval-status.ts';
import type { Config } from './config.ts';
import { OpenBoxAuthError, OpenBoxNetworkError, type PendingApproval } from './errors.ts';
import { parseHttpDate } from './expiration.ts';
import { toJson } from './json.ts';
import type { Outcome } from './outcome.ts';
import type { Ports } from './ports/index.ts';
import { printable } from './text.ts';
import { createTransport, type Limits, type Reply } from './transport.ts';

/** Asks OpenBox Core. Contract §1. */
export interface CoreClient {
  /** Throws `OpenBoxAuthError` for a key that is not valid, `OpenBoxNetworkError` where Core gave no answer to go by. */
  validate(): Promise<void>;
  /** Asks; rejects only with the reason of `limits.signal`. */
  evaluate(body: string, limits?: Limits): Promise<Outcome>;
  /** Looks once at an approval. */
  approval(activity: ApprovalKey, open: OpenApproval, limits?: Limits): Promise<ApprovalStatus>;
}

/** What the question that opened the approval was answered. */
export type OpenApproval = Pick<PendingApproval, 'approvalId' | 'expiresAt'>;

/** Names the activity whose approval is open. */
export interface ApprovalKey {
  readonly workflowId: string;
  readonly runId: string;
  readonly activityId: string;
}

const VALIDATE = '/api/v1/auth/validate';
const EVALUATE = '/api/v1/governance/evaluate';
const APPROVAL = '/api/v1/governance/approval';

export function createClient(config: Config, ports: Pick<Ports, 'fetch' | 'clock'>, sdkId: string): CoreClient {
  const send = createTransport(config, ports, sdkId);

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

    async evaluate(body, limits) {
      const sorted = sort(await send('POST', EVALUATE, body, limits));
      if (sorted.kind !== 'json') return sorted;
      const parsed = parseAnswer(sorted.json);
      return parsed.ok
        ? { kind: 'answered', answer: parsed.answer }
        : { kind: 'unfollowable', problem: printable(parsed.problem) };
    },

    async approval({ workflowId, runId, activityId }, open, limits) {
      const body = toJson({ workflow_id: workflowId, run_id: runId, activity_id: activityId });
      const reply = await send('POST', APPROVAL, body, limits);
      const sorted = sort(reply);
      if (sorted.kind !== 'json') {
        // A failed poll counts as pending; a refused key is told apart so that a person hears of it. Contract §5, §6.
        return { status: 'pending', problem: sorted.problem, ...(sorted.kind === 'unauthorized' && { unauthorized: true }) };
      }
      const coreNow = reply.kind === 'answer' ? parseHttpDate(reply.date) : null;
      return parseApproval(sorted.json, open, coreNow ?? ports.clock.now());
    },
  };
}

/** Sorts a reply into contract §4's kinds of bad answer, or hands its JSON object on. */
function sort(reply: Reply): { readonly kind: 'json'; readonly json: Readonly<Record<string, unknown>> } | Exclude<Outcome, { kind: 'answered' }> {
  if (reply.kind === 'failed') return { kind: 'unreachable', problem: reply.problem };
  const { status } = reply;
  if (status === 401 || status === 403) return { kind: 'unauthorized', problem: statusText(reply) };
  if (status !== 200) return { kind: 'unreachable', problem: statusText(reply) };
  if (reply.text === null) return { kind: 'unfollowable', problem: 'its answer is longer than maxAnswerBytes' };
  const json = parseJson(reply.text);
  return isObject(json) ? { kind: 'json', json } : { kind: 'unreachable', problem: 'its answer is not a JSON object' };
}

function statusText(reply: Extract<Reply, { kind: 'answer' }>): string {
  const json = parseJson(reply.text ?? '');
  const code = isObject(json) && typeof json['reason_code'] === 'string' ? ` ${printable(json['reason_code'], 100)}` : '';
  return `HTTP ${reply.status}${code}`;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
