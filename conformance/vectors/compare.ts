import type { JsonObject } from '../contract/kinds.ts';
import type { Comparable, Step } from './normalize.ts';

/** One place where two runs are not the same. What a run does not have is undefined. */
export interface Difference {
  readonly stream: string;
  /** `http started GET /hello: span.http_method`, or the step alone where one run has no such step. */
  readonly where: string;
  readonly python: unknown;
  readonly ours: unknown;
}

export interface Comparison {
  /** Fields that are the same. */
  readonly equal: number;
  readonly differences: readonly Difference[];
}

/** Compares two runs, step by step and field by field. */
export function compare(python: Comparable, ours: Comparable): Comparison {
  const streams = [...new Set([...python.keys(), ...ours.keys()])];
  const all = streams.map((stream) => compareSteps(stream, python.get(stream) ?? [], ours.get(stream) ?? []));
  return { equal: all.reduce((sum, { equal }) => sum + equal, 0), differences: all.flatMap(({ differences }) => differences) };
}

function compareSteps(stream: string, python: readonly Step[], ours: readonly Step[]): Comparison {
  let equal = 0;
  const differences: Difference[] = [];
  for (const [one, other] of align(python, ours)) {
    const label = (one ?? other)?.label ?? '';
    if (one === undefined || other === undefined) {
      differences.push({ stream, where: label, python: one?.fields, ours: other?.fields });
    } else {
      const found = compareFields(one.fields, other.fields, '');
      equal += found.equal;
      differences.push(...found.differences.map(({ where, ...values }) => ({ stream, where: `${label}: ${where}`, ...values })));
    }
  }
  return { equal, differences };
}

type Pair = readonly [Step | undefined, Step | undefined];

type Found = { equal: number; differences: Omit<Difference, 'stream'>[] };

/** Lists are compared item by item, whatever their lengths. */
function compareFields(python: unknown, ours: unknown, where: string): Found {
  const one = partsOf(python);
  const other = partsOf(ours);
  if (one === undefined || other === undefined || Array.isArray(python) !== Array.isArray(ours)) {
    return isSame(python, ours) ? { equal: 1, differences: [] } : { equal: 0, differences: [{ where, python, ours }] };
  }
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  if (names.length === 0) return { equal: 1, differences: [] };
  const inner = names.map((name) => compareFields(one[name], other[name], where === '' ? name : `${where}.${name}`));
  return { equal: inner.reduce((sum, { equal }) => sum + equal, 0), differences: inner.flatMap(({ differences }) => differences) };
}

const partsOf = (value: unknown): JsonObject | undefined =>
  typeof value === 'object' && value !== null ? (value as JsonObject) : undefined;

/** Of values that have no parts to compare. */
const isSame = (one: unknown, other: unknown): boolean => one === other;

/** Pairs the steps of the longest sequence that both runs have in common; the others stand alone, in their places. */
function align(python: readonly Step[], ours: readonly Step[]): readonly Pair[] {
  // common[i][j]: how many steps python[i…] and ours[j…] have in common.
  const common = Array.from({ length: python.length + 1 }, () => Array.from({ length: ours.length + 1 }, () => 0));
  const at = (i: number, j: number): number => common[i]?.[j] ?? 0;
  const match = (i: number, j: number): boolean => python[i]?.label === ours[j]?.label;
  for (let i = python.length - 1; i >= 0; i -= 1) {
    for (let j = ours.length - 1; j >= 0; j -= 1) {
      (common[i] as number[])[j] = match(i, j) ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const pairs: Pair[] = [];
  let i = 0;
  let j = 0;
  while (i < python.length || j < ours.length) {
    const both = i < python.length && j < ours.length;
    if (both && match(i, j)) pairs.push([python[i++], ours[j++]]);
    else if (i < python.length && (!both || at(i + 1, j) >= at(i, j + 1))) pairs.push([python[i++], undefined]);
    else pairs.push([undefined, ours[j++]]);
  }
  return pairs;
}
