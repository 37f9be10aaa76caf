/** The fields of a verdict that a rule may give directly, instead of as `json` (Contract §4, §6, §8). */
export const VERDICT_FIELDS = [
  'verdict',
  'action',
  'reason',
  'policy_id',
  'risk_score',
  'metadata',
  'governance_event_id',
  'trust_tier',
  'behavioral_violations',
  'alignment_score',
  'constraints',
  'guardrails_result',
  'patch',
  'approval_id',
  'approval_expiration_time',
  'id',
] as const;

/** What the local Core answers: the first rule that matches, else `default`. */
export interface Policy {
  /** What the policy is for, in words; not read. */
  readonly words?: string;
  readonly rules?: readonly Rule[];
  /** The answer to an evaluation that no rule matches; default `{ verdict: 'allow' }`. */
  readonly default?: Answer;
}

/** One line of a policy. */
export interface Rule {
  /** A rule without `call` is about evaluations only. */
  readonly when: When;
  readonly answer: Answer;
  /** How often the rule may be used before it is passed over; default without end. */
  readonly times?: number;
}

/** One value, or several of which any will do. */
export type AnyOf<T> = T | readonly T[];

/** What a request must be like: every key given must match, `{}` matches everything. */
export interface When {
  /** The end of the endpoint's path: `evaluate`, `approval`, `validate`. */
  readonly call?: AnyOf<string>;
  readonly event_type?: AnyOf<string>;
  readonly activity_type?: AnyOf<string>;
  readonly activity_id?: AnyOf<string>;
  readonly workflow_type?: AnyOf<string>;
  readonly workflow_id?: AnyOf<string>;
  readonly signal_name?: AnyOf<string>;
  /** From 1. */
  readonly attempt?: AnyOf<number>;
  /** Whether the event is the evaluation of an operation. */
  readonly hook?: AnyOf<boolean>;
  readonly hook_type?: AnyOf<string>;
  /** `started` or `completed`. */
  readonly stage?: AnyOf<string>;
  readonly http_method?: AnyOf<string>;
  readonly url?: AnyOf<string>;
  readonly url_starts?: AnyOf<string>;
  readonly url_ends?: AnyOf<string>;
  /** The `file_path` of a file operation. */
  readonly path?: AnyOf<string>;
  readonly path_starts?: AnyOf<string>;
  readonly path_ends?: AnyOf<string>;
  readonly file_operation?: AnyOf<string>;
  readonly db_operation?: AnyOf<string>;
  readonly function?: AnyOf<string>;
}

/**
 * How a request goes wrong: the connection is closed (`drop`) or reset (`reset`) without an answer, there is never one (`never`),
 * the body is half a JSON object (`garbage`), HTML (`wrong_type`), comes in small pieces (`slow_body`) or is very big (`huge`).
 */
export type Fault = 'drop' | 'reset' | 'garbage' | 'wrong_type' | 'slow_body' | 'huge' | 'never';

type VerdictFields = { readonly [name in (typeof VERDICT_FIELDS)[number]]?: unknown };

/** One answer. Its body is `json`, `text` or the fields of a verdict, whatever their values: a bad answer can be told too. */
export interface Answer extends VerdictFields {
  /** 200 to 599; default 200. */
  readonly status?: number;
  readonly json?: unknown;
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Milliseconds before the answer, or the fault, begins; default 0. */
  readonly delay_ms?: number;
  /** Milliseconds until an approval that this answer asks for expires; default an hour, negative: expired from the start. */
  readonly approval_ttl_ms?: number;
  /** Whether approval is asked for again where it was granted already; default false. */
  readonly approval_repeats?: boolean;
  readonly fault?: Fault;
  /** Milliseconds that a `slow_body` takes; default 1,000. */
  readonly body_ms?: number;
  /** Bytes that a `huge` body is padded with; default 5 MiB. */
  readonly bytes?: number;
}
