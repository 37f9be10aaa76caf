import { expect, test } from 'vitest';
import { DIFFERENCES, type Row, rowOf } from './differences.ts';
import { type Recording, readRecordings } from './recording.ts';
import { judge, playable, staleRows, unexplained } from './vectors.ts';

const row = (scenarios: string, where: string, why = ''): Row => ({ scenarios, where, holds: (_, ours) => ours === 2, why });
const difference = { stream: '', where: 'http started GET /a.b: span.v', python: 1, ours: 2 };
const [recording] = readRecordings() as [Recording];

test('a row speaks of its scenarios, places and values, and of no others', () => {
  const spokenOf = (one: Row, more: object = {}): boolean => rowOf([one], { scenario: '01_a' }, { ...difference, ...more }) === one;
  for (const one of [row('*', '*'), row('01_*', 'http *: span.v'), row('01_a', difference.where)]) expect(spokenOf(one)).toBe(true);
  for (const one of [row('02_*', '*'), row('*', 'http *: span'), row('*', 'span.v'), row('*', 'http * /axb: *')]) expect(spokenOf(one)).toBe(false);
  expect(spokenOf(row('*', '*'), { ours: 3 })).toBe(false);
});

test('a row may speak of one way of playing, or of all but one', () => {
  const spokenOf = (one: Row): boolean[] => [{}, { by: 'node:http' } as const].map((way) => rowOf([one], { scenario: '01_a', ...way }, difference) === one);
  expect(spokenOf(row('*', '*'))).toEqual([true, true]);
  expect(spokenOf({ ...row('*', '*'), by: 'node:http' })).toEqual([false, true]);
  expect(spokenOf({ ...row('*', '*'), notBy: 'node:http' })).toEqual([true, false]);
});

test('the first row that fits speaks', () => {
  const rows = [row('02_*', '*'), row('*', 'http *'), row('*', '*')];
  expect(rowOf(rows, { scenario: '01_a' }, difference)).toBe(rows[1]);
});

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
