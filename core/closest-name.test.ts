import { expect, test } from 'vitest';
import { closestName } from './closest-name.ts';

const NAMES = ['openboxUrl', 'openboxApiKey', 'governanceTimeout', 'syncGovernanceTimeout', 'hitlEnabled', 'mode'] as const;

test.each([
  ['openbox_url', 'openboxUrl'],
  ['OPENBOX-API-KEY', 'openboxApiKey'],
  ['openboxURL', 'openboxUrl'],
  ['governanceTimout', 'governanceTimeout'],
  ['sync_governance_timeout', 'syncGovernanceTimeout'],
  ['hitlEnable', 'hitlEnabled'],
  ['apiKey', 'openboxApiKey'],
  ['url', 'openboxUrl'],
  ['mod', 'mode'],
  ['mdoe', undefined],
  ['made', 'mode'],
])('%j means %j', (word, name) => {
  expect(closestName(word, NAMES)).toBe(name);
});

test.each(['', 'x', 'zzzzzzzz', 'temperature', '🤷'])('nothing is near %j', (word) => {
  expect(closestName(word, NAMES)).toBeUndefined();
});

test('an exact name beats one that contains it, wherever it stands', () => {
  expect(closestName('governance_timeout', ['syncGovernanceTimeout', 'governanceTimeout'])).toBe('governanceTimeout');
  expect(closestName('governance_timeout', ['governanceTimeout', 'syncGovernanceTimeout'])).toBe('governanceTimeout');
});

test('a word of any length is measured in bounded work', () => {
  const long = 'governanceTimeout'.repeat(1e5);
  expect(closestName(long, NAMES)).toBe('governanceTimeout');
  expect(closestName('q'.repeat(1e6), ['w'.repeat(1e6)])).toBeUndefined();
});

test('no names, no answer', () => {
  expect(closestName('mode', [])).toBeUndefined();
});
