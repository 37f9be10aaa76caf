import { compare, type Difference } from './compare.ts';
import { normalize } from './normalize.ts';
import { NOT_RUN } from './not-run.ts';
import { type Recording, readRecordings, type Traffic } from './recording.ts';
import { type Row, rowOf } from './row.ts';
import { type Play, WAYS } from './ways.ts';

/** A difference, and the row that says why it is meant. */
export interface Judged extends Difference {
  readonly play: Play;
  /** Undefined: nobody meant it. */
  readonly row: Row | undefined;
}

/** A scenario that was played, compared with its recording. */
export interface Played extends Play {
  /** Fields that are the same. */
  readonly equal: number;
  readonly differences: readonly Judged[];
}

/** The recordings that are played. */
export function playable(): readonly Recording[] {
  const left = new Set(NOT_RUN.filter(({ by }) => by === undefined).map(({ scenario }) => scenario));
  return readRecordings().filter(({ scenario }) => !left.has(scenario));
}

/** What is played: every such recording, and then in its other ways. */
export function plays(): readonly (readonly [play: Play, recording: Recording])[] {
  const more = (name: string): readonly Play[] => WAYS.flatMap(([scenario, by]) => (scenario === name ? [{ scenario, by }] : []));
  return playable().flatMap((recording) => [{ scenario: recording.scenario }, ...more(recording.scenario)].map((play) => [play, recording] as const));
}

/** Compares what was played with its recording, by the table of the differences. */
export function judge(play: Play, recording: Recording, ours: Traffic, rows: readonly Row[]): Played {
  const { equal, differences } = compare(normalize(recording), normalize(ours));
  return { ...play, equal, differences: differences.map((one) => ({ ...one, play, row: rowOf(rows, play, one) })) };
}

/** What nobody meant. */
export function unexplained({ differences }: Played): readonly Difference[] {
  return differences.filter(({ row }) => row === undefined).map(({ stream, where, python, ours }) => ({ stream, where, python, ours }));
}

/** Rows that nothing matches any more. */
export function staleRows(rows: readonly Row[], played: readonly Played[]): readonly Row[] {
  const used = new Set(played.flatMap(({ differences }) => differences.map(({ row }) => row)));
  return rows.filter((row) => !used.has(row));
}
