import { type Answer, type Fault, VERDICT_FIELDS } from './policy.ts';

/** An answer with its defaults filled in, as `send` writes it. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** The body, or else `text`; neither is an empty body. */
  readonly json?: unknown;
  readonly text?: string;
  readonly delayMs: number;
  readonly fault?: Fault;
  readonly bodyMs: number;
  readonly bytes: number;
}

/** The faults that are nothing but a body. */
const BODIES: Readonly<Partial<Record<Fault, Pick<Answer, 'text' | 'headers'>>>> = {
  garbage: { text: '{"verdict": "allow"', headers: { 'content-type': 'application/json' } },
  wrong_type: { text: '<!doctype html><title>Not the API</title>', headers: { 'content-type': 'text/html' } },
};

export function toReply(answer: Answer): Reply {
  const given: Answer = { ...answer, ...(answer.fault && BODIES[answer.fault]) };
  return {
    status: given.status ?? 200,
    headers: { ...answer.headers, ...given.headers },
    ...bodyOf(given),
    delayMs: given.delay_ms ?? 0,
    ...(given.fault && { fault: given.fault }),
    bodyMs: given.body_ms ?? 1000,
    bytes: given.bytes ?? 5 * 1024 * 1024,
  };
}

export function jsonReply(status: number, json: unknown): Reply {
  return toReply({ status, json });
}

function bodyOf(answer: Answer): Pick<Reply, 'json' | 'text'> {
  if (answer.text !== undefined) return { text: answer.text };
  if ('json' in answer) return { json: answer.json };
  const fields = VERDICT_FIELDS.filter((name) => name in answer).map((name) => [name, answer[name]]);
  if (fields.length > 0) return { json: Object.fromEntries(fields) as unknown };
  // A slow or huge body needs one.
  return answer.fault === 'slow_body' || answer.fault === 'huge' ? { json: { verdict: 'allow' } } : {};
}
