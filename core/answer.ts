import { isRecord } from './is-record.ts';
import { maskKeys } from './secret.ts';
import { printable } from './text.ts';
import { parseVerdict, type Verdict } from './verdict.ts';

/** What guardrails found. Contract §4. */
export interface Guardrails {
  readonly inputType: 'activity_input' | 'activity_output';
  /** Present where something is to be replaced. */
  readonly redacted?: { readonly value: unknown };
  readonly validationPassed: boolean;
  readonly reasons: readonly string[];
}

/** Core's answer to a question, understood. */
export interface Answer {
  readonly verdict: Verdict;
  readonly reason: string | null;
  readonly policyId: string | null;
  readonly approvalId: string | null;
  /** As Core wrote it; `parseExpiration` reads it. */
  readonly approvalExpirationTime: string | null;
  readonly constraints: unknown;
  readonly guardrails?: Guardrails;
}

export type Parsed = { readonly ok: true; readonly answer: Answer } | { readonly ok: false; readonly problem: string };

const GUARDED: ReadonlySet<unknown> = new Set(['activity_input', 'activity_output']);

/**
 * Reads Core's answer. Total: whatever cannot be followed is a problem, never an `allow`. Contract §4.
 * `verdict` wins over `action`.
 */
export function parseAnswer(json: Readonly<Record<string, unknown>>): Parsed {
  const word = json['verdict'] ?? json['action'];
  const verdict = parseVerdict(word);
  if (verdict === undefined) {
    return { ok: false, problem: word === undefined ? 'no verdict' : `unknown verdict ${JSON.stringify(word)}` };
  }
  const guardrails = parseGuardrails(json['guardrails_result']);
  if (typeof guardrails === 'string') return { ok: false, problem: guardrails };
  return {
    ok: true,
    answer: {
      verdict,
      reason: text(json['reason']),
      policyId: shown(json['policy_id']),
      approvalId: text(json['approval_id']),
      approvalExpirationTime: text(json['approval_expiration_time']),
      constraints: withoutKeys(json['constraints'] ?? null),
      ...(guardrails && { guardrails }),
    },
  };
}

/** Guardrails of an evaluate or approval answer; a string says what is wrong with them. */
export function parseGuardrails(value: unknown): Guardrails | undefined | string {
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) return 'guardrails_result is not an object';
  const { input_type: inputType, redacted_input: redacted, validation_passed: passed, reasons } = value;
  if (passed !== undefined && passed !== null && typeof passed !== 'boolean') {
    return 'guardrails_result.validation_passed is not a boolean';
  }
  const replaces = redacted !== undefined && redacted !== null;
  if ((replaces || inputType !== undefined) && !GUARDED.has(inputType)) {
    return `unknown guardrails_result.input_type ${JSON.stringify(inputType)}`;
  }
  return {
    inputType: inputType === 'activity_output' ? 'activity_output' : 'activity_input',
    ...(replaces && { redacted: { value: redacted } }),
    validationPassed: passed !== false,
    reasons: Array.isArray(reasons) ? reasons.map(reasonText) : [],
  };
}

function reasonText(reason: unknown): string {
  const said = isRecord(reason) ? (reason['reason'] ?? reason['type'] ?? reason['field']) : reason;
  return text(said) ?? 'no reason given';
}

/** A Core that echoes what it was sent puts no key into a log or a history. */
function withoutKeys(value: unknown): unknown {
  return value === null ? null : JSON.parse(maskKeys(JSON.stringify(value)));
}

/** An id that is only told on. */
function shown(value: unknown): string | null {
  const id = text(value);
  return id === null ? null : printable(id);
}

/** Numbers count as text, for ids that Core may write either way. */
function text(value: unknown): string | null {
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? String(value) : null;
}
