/** Milliseconds, or a text such as `'30s'`, `'5 minutes'` or `'1.5h'`: what Temporal takes as a `Duration`. */
export type Duration = number | string;

const SECOND = 1000;
const DAY = 24 * 60 * 60 * SECOND;
// In the order of the groups of DURATION.
const UNITS: readonly number[] = [1, SECOND, 60 * SECOND, 60 * 60 * SECOND, DAY, 7 * DAY, 365.25 * DAY];

const DURATION =
  /^(\d*\.?\d+) *(?:(ms|msecs?|milliseconds?)|(s|secs?|seconds?)|(m|mins?|minutes?)|(h|hrs?|hours?)|(d|days?)|(w|weeks?)|(y|yrs?|years?))?$/i;

/** The duration in milliseconds; undefined for what is no duration, negative or endless. A text without a unit is milliseconds. */
export function parseDuration(value: unknown): number | undefined {
  if (typeof value === 'string' && value.length <= 100) {
    const [, amount, ...units] = DURATION.exec(value) ?? [];
    if (amount === undefined) return undefined;
    return parseDuration(Number(amount) * (UNITS[units.findIndex(Boolean)] ?? 1));
  }
  return typeof value === 'number' && value >= 0 && value < Infinity ? value : undefined;
}
