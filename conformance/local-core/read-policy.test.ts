import { mkdtempSync, readFileSync, rmdirSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { oddVerdicts } from './odd-verdicts.ts';
import { VERDICT_FIELDS } from './policy.ts';
import { readPolicy, refuseMalformedMatch } from './read-policy.ts';

const folder = mkdtempSync(join(tmpdir(), 'local-core-'));
const path = join(folder, 'policy.json');
afterAll(() => {
  unlinkSync(path);
  rmdirSync(folder);
});

const rule = (more: object): object => ({ rules: [{ when: {}, answer: { verdict: 'allow' }, ...more }] });
const answer = (given: object): object => rule({ answer: given });

describe('a policy', () => {
  it('is given back as it is', () => {
    const policy = { words: 'x', ...rule({ times: 2 }), default: { fault: 'never' } };
    expect(readPolicy(policy)).toBe(policy);
    for (const fault of ['drop', 'reset', 'garbage', 'wrong_type', 'never']) readPolicy(answer({ fault, delay_ms: 1 }));
    for (const name of VERDICT_FIELDS) readPolicy(answer({ [name]: null }));
    readPolicy(answer({ fault: 'slow_body', body_ms: 1 }));
    readPolicy(answer({ fault: 'huge', bytes: 1, headers: { a: 'b' } }));
    readPolicy(answer({ verdict: 2, approval_ttl_ms: -1, approval_repeats: true }));
  });

  it.each<[string, object, string]>([
    ['is no object', [], 'body: Expected an object'],
    ['has another field', { rule: [] }, 'rule: Unknown field'],
    ['has rules that are no array', { rules: {} }, 'rules: Expected an array'],
    ['has a rule without when', { rules: [{ answer: { verdict: 'allow' } }] }, 'rules[0].when: Missing'],
    ['has a rule without an answer', { rules: [{ when: {} }] }, 'rules[0].answer: Missing'],
    ['has a key that is misspelt', rule({ when: { activityType: 'x' } }), 'rules[0].when.activityType: Unknown field'],
    ['has a key of another type', rule({ when: { attempt: '1' } }), 'rules[0].when.attempt: Expected an integer of 1 or more, or'],
    ['has a key without values', rule({ when: { url: [] } }), 'rules[0].when.url: Expected'],
    ['has times that is 0', rule({ times: 0 }), 'rules[0].times: Expected an integer of 1 or more'],
    ['answers nothing', answer({}), 'rules[0].answer.status: Expected a status, a fault or'],
    ['answers a field that is misspelt', answer({ verdikt: 'x' }), 'rules[0].answer.verdikt: Unknown field'],
    ['answers late only', answer({ delay_ms: 5 }), 'rules[0].answer.status: Expected'],
    ['answers with two bodies', answer({ verdict: 'allow', json: {} }), 'rules[0].answer.json: Expected one body'],
    ['answers with an odd status', answer({ status: 100 }), 'rules[0].answer.status: Expected an integer from 200 to 599'],
    ['answers with an unknown fault', answer({ fault: 'slow' }), 'rules[0].answer.fault: Expected one of "drop"'],
    ['answers with headers of another type', answer({ status: 200, headers: { a: 1 } }), 'rules[0].answer.headers.a: Expected'],
    ['has bytes without huge', answer({ verdict: 'x', bytes: 1 }), 'rules[0].answer.bytes: Expected with fault "huge"'],
    ['has body_ms without slow_body', answer({ fault: 'huge', body_ms: 1 }), 'rules[0].answer.body_ms: Expected with fault'],
    ['has a default that is none', { default: 'allow' }, 'default: Expected an object'],
  ])('that %s is malformed', (_, policy, problem) => {
    expect(() => readPolicy(policy)).toThrow(`Malformed policy: ${problem}`);
  });

  it('comes from a file', () => {
    writeFileSync(path, JSON.stringify(rule({ times: 3 })));
    expect(readPolicy(path)).toEqual(rule({ times: 3 }));
    writeFileSync(path, '{"rules":1}');
    expect(() => readPolicy(path)).toThrow(`Malformed policy in "${path}": rules: Expected an array, got 1`);
    writeFileSync(path, '{');
    expect(() => readPolicy(path)).toThrow(`The policy in "${path}" is not JSON`);
    expect(() => readPolicy(`${path}.none`)).toThrow('ENOENT');
  });
});

it('the policies that the README shows are well formed', () => {
  const readme = readFileSync(new URL('./README.md', import.meta.url), 'utf8');
  const shown = [...readme.matchAll(/^```json\n(.*?)^```/gmsu)].map(([, json = '']) => JSON.parse(json) as object);
  expect(shown).toHaveLength(2);
  for (const policy of shown) expect(oddVerdicts(readPolicy(policy))).toEqual([]);
});

it('a match has known keys', () => {
  refuseMalformedMatch({ stage: ['started'] });
  expect(() => refuseMalformedMatch(JSON.parse('{"stagE":"started"}') as object)).toThrow('Malformed match: stagE: Unknown field');
});
