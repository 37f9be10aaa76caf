import { parseVerdict, VERDICTS } from '../../core/verdict.ts';
import { isObject } from '../contract/kinds.ts';
import type { Answer, Policy } from './policy.ts';

/** What a policy answers on purpose or by a slip of the pen: verdicts that no client can follow, each with its place. */
export function oddVerdicts({ rules = [], default: fallback }: Policy): readonly string[] {
  const answers: (readonly [string, Answer])[] = rules.map(({ answer }, index) => [`rules[${index}].answer`, answer]);
  if (fallback !== undefined) answers.push(['default', fallback]);
  return answers.flatMap(([place, answer]) => {
    const [where, given] = isObject(answer.json) ? [`${place}.json`, answer.json] : [place, answer];
    const name = given['verdict'] == null ? 'action' : 'verdict';
    const word: unknown = given[name];
    if (word == null || parseVerdict(word) !== undefined) return [];
    return [`${where}.${name}: ${JSON.stringify(word)} is none of ${VERDICTS.join(', ')}: clients refuse such an answer`];
  });
}
