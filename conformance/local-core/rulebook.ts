import { EVALUATE } from '../contract/request.ts';
import { matches, type Subject } from './match.ts';
import type { Answer, AnyOf, Policy } from './policy.ts';

/** A policy in use: it counts how often each rule was. */
export interface Rulebook {
  /** The answer of the first rule that matches and is not used up; that use counts. */
  find(subject: Subject): Answer | undefined;
  /** The answer to an evaluation that no rule matches. */
  readonly fallback: Answer;
}

export function createRulebook(policy: Policy): Rulebook {
  const rules = (policy.rules ?? []).map((rule) => ({ ...rule, left: rule.times ?? Infinity }));
  return {
    find(subject) {
      const rule = rules.find(({ when, left }) => left > 0 && concerns(when.call, subject.path) && matches(when, subject));
      if (rule) rule.left -= 1;
      return rule?.answer;
    },
    fallback: policy.default ?? { verdict: 'allow' },
  };
}

/** A rule that says "block" means events: the key check and the polls are touched only by a rule that names them. */
function concerns(call: AnyOf<string> | undefined, path: string): boolean {
  return call !== undefined || path === EVALUATE;
}
