import { expect, it } from 'vitest';
import { oddVerdicts } from './odd-verdicts.ts';
import type { Answer } from './policy.ts';

it.each<[Answer, string]>([
  [{ verdict: 'blok' }, 'verdict: "blok" is'],
  [{ action: 'stopp' }, 'action: "stopp" is'],
  [{ verdict: 7 }, 'verdict: 7 is'],
  [{ json: { verdict: 'denied' } }, 'json.verdict: "denied" is'],
])('%j is named, wherever it stands', (answer, text) => {
  expect(oddVerdicts({ rules: [{ when: {}, answer: { verdict: 'allow' } }, { when: {}, answer }], default: answer })).toEqual([
    expect.stringContaining(`rules[1].answer.${text} none of allow, constrain, require_approval, block, halt`),
    expect.stringContaining(`default.${text} none of`),
  ]);
});

it.each<[Answer]>([
  [{ verdict: 'BLOCK' }],
  [{ verdict: 'request-approval' }],
  [{ verdict: 4 }],
  [{ action: 'stop' }],
  [{ verdict: null, action: 'stop' }],
  [{ verdict: 'allow', action: 'none of ours' }],
  [{ json: { valid: false } }],
  [{ json: [1] }],
  [{ text: 'blok' }],
  [{ fault: 'drop' }],
])('%j is nothing odd', (answer) => {
  expect(oddVerdicts({ rules: [{ when: {}, answer }], default: answer })).toEqual([]);
});

it('a policy of nothing has none', () => {
  expect(oddVerdicts({})).toEqual([]);
});
