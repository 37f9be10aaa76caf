import { isDeepStrictEqual } from 'node:util';
import { isObject } from '../contract/kinds.ts';
import type { Difference } from './compare.ts';
import type { Play, Way } from './ways.ts';

/** One kind of difference that is meant. What a run does not have is undefined. */
export interface Row {
  /** Names of scenarios; `*` stands for anything. */
  readonly scenarios: string;
  /** The one way of playing them that it is about. */
  readonly by?: Way;
  /** The way that it is not about. */
  readonly notBy?: Way;
  /** Steps and their fields, or steps that one run has alone; `*` stands for anything. */
  readonly where: string;
  /** What both must be. */
  readonly holds: (python: unknown, ours: unknown) => boolean;
  /** For people: why ours is as it is. */
  readonly why: string;
}

export type Holds = Row['holds'];

/** One of those pairs. */
export const pairs = (...both: readonly (readonly [python: unknown, ours: unknown])[]): Holds => (python, ours) =>
  both.some(([one, other]) => isDeepStrictEqual(python, one) && isDeepStrictEqual(ours, other));
export const becomes = (python: unknown, ours: unknown): Holds => pairs([python, ours]);
export const dropped: Holds = (python, ours) => python !== undefined && ours === undefined;
export const added = (ours: unknown): Holds => (python, other) => python === undefined && like(other, ours);
export const addedText: Holds = (python, ours) => (python === undefined || python === null) && typeof ours === 'string';

/** Whether a value has at least those fields. */
export function like(value: unknown, wanted: unknown): boolean {
  if (!isObject(wanted)) return isDeepStrictEqual(value, wanted);
  return isObject(value) && Object.entries(wanted).every(([name, field]) => like(value[name], field));
}

/** A step that both have, but not at the same place among the others. */
export const elsewhere = (ours: unknown): Holds => (python, other) => dropped(python, other) || added(ours)(python, other);

export const row = (scenarios: string, where: string, holds: Holds, why: string): Row => ({ scenarios, where, holds, why });
export const onlyBy = (way: Way, one: Row): Row => ({ ...one, by: way });
export const notBy = (way: Way, one: Row): Row => ({ ...one, notBy: way });

const matches = (pattern: string, text: string): boolean => {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.\\?+^$(){}|[\]]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(text);
};

/** The row that speaks of a difference. */
export function rowOf(rows: readonly Row[], { scenario, by }: Play, { where, python, ours }: Difference): Row | undefined {
  return rows.find(
    (one) =>
      matches(one.scenarios, scenario) &&
      (one.by === undefined || one.by === by) &&
      (one.notBy === undefined || one.notBy !== by) &&
      matches(one.where, where) &&
      one.holds(python, ours),
  );
}
