import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresUrl } from '../../tools/shared-postgres.ts';
import { temporalAddress } from '../../tools/shared-temporal.ts';
import { DIFFERENCES } from './differences.ts';
import { NOT_RUN } from './not-run.ts';
import { openStage, type Stage } from './play.ts';
import { readRecordings } from './recording.ts';
import { parity, summary } from './report.ts';
import { judge, playable, type Played, plays, staleRows, unexplained } from './vectors.ts';
import { titleOf, WAYS } from './ways.ts';

let stage: Stage;
const played: Played[] = [];

beforeAll(async () => {
  stage = await openStage(await temporalAddress(), await postgresUrl());
});
afterAll(() => stage[Symbol.asyncDispose]());

test('a recording is played, or stands in the table of those that are not, once', () => {
  const names = readRecordings().map(({ scenario }) => scenario);
  const whole = NOT_RUN.filter(({ by }) => by === undefined).map(({ scenario }) => scenario);
  expect([...whole, ...playable().map(({ scenario }) => scenario)].sort()).toEqual(names);
  expect(playable().length).toBeGreaterThan(45);
  for (const { scenario, by } of NOT_RUN) expect(whole.includes(scenario)).toBe(by === undefined);
  const titles = [...plays().map(([play]) => play), ...NOT_RUN].map(titleOf);
  expect(new Set(titles).size).toBe(names.length + WAYS.length + NOT_RUN.length - whole.length);
  expect(titles).toHaveLength(new Set(titles).size);
});

describe('what was recorded, played again', () => {
  test.each(plays().map(([play, recording]) => [titleOf(play), play, recording] as const))('%s', async (_, play, recording) => {
    const { violations, ...traffic } = await stage.play(recording, play.by);
    const one = judge(play, recording, traffic, DIFFERENCES);
    played.push(one);
    expect(violations).toEqual([]);
    expect(unexplained(one)).toEqual([]);
    expect(one.equal).toBeGreaterThan(10);
  });

  test('every row of the table of differences is needed', () => {
    expect(staleRows(DIFFERENCES, played).map(({ scenarios, where }) => `${scenarios} ${where}`)).toEqual([]);
  });

  test('docs/parity.md says so: `npm run vectors -- -u` writes it', async () => {
    console.log(summary(played));
    await expect(parity(played)).toMatchFileSnapshot('../../docs/parity.md');
  });
});
