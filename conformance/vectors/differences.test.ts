import { expect, test } from 'vitest';
import { DIFFERENCES } from './differences.ts';
import { type Recording, readRecordings } from './recording.ts';
import { judge, playable, staleRows, unexplained } from './vectors.ts';

const [recording] = readRecordings() as [Recording];

test('a run that is as recorded has no difference', () => {
  for (const one of readRecordings()) expect(judge(one, one, one, []).differences).toEqual([]);
});

test('a difference that nobody meant is found', () => {
  const spoilt = recording.requests.map((request) => ({ ...request, body: request.body && { ...request.body, source: 'elsewhere' } }));
  const found = unexplained(judge(recording, recording, { ...recording, requests: spoilt }, DIFFERENCES));
  expect(found).toContainEqual({ stream: 'run 1', where: 'WorkflowStarted: source', python: 'workflow-telemetry', ours: 'elsewhere' });
  const fewer = unexplained(judge(recording, recording, { ...recording, requests: recording.requests.slice(0, -1) }, DIFFERENCES));
  expect(fewer.map(({ where }) => where)).toEqual(['WorkflowCompleted']);
});

test('a row that nothing matches is found', () => {
  const played = [judge(recording, recording, { ...recording, outcome: { ...recording.outcome, api_key_found_in_history: false } }, DIFFERENCES)];
  const stale = staleRows(DIFFERENCES, played);
  expect(stale).toHaveLength(DIFFERENCES.length - 1);
  expect(DIFFERENCES.find((one) => !stale.includes(one))?.where).toBe('outcome: api_key_found_in_history');
});

test('every row says why', () => {
  for (const { why } of DIFFERENCES) expect(why.length).toBeGreaterThan(10);
});

test('every row is about a scenario that is played', () => {
  const names = playable().map(({ scenario }) => scenario);
  for (const { scenarios } of DIFFERENCES) {
    const start = scenarios.split('*')[0] ?? '';
    expect(names.some((name) => (scenarios.includes('*') ? name.startsWith(start) : name === scenarios)), scenarios).toBe(true);
  }
});
