const TIME =
  /^(\d{4}-\d\d-\d\d)(?: (\d\d:\d\d:\d\d)|T(\d\d:\d\d:\d\d))(\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):?[0-5]\d)?$/;

/**
 * An approval's expiration in Unix milliseconds, from ISO with `Z` or an offset or from `YYYY-MM-DD HH:MM:SS`, which is
 * UTC (Contract §6); null for anything else.
 */
export function parseExpiration(text: string | null): number | null {
  const [, date, spaced, joined, fraction = '', zone] = TIME.exec(text?.trim() ?? '') ?? [];
  const time = spaced ?? joined;
  if (time === undefined || (joined === undefined) !== (zone === undefined)) return null;
  const utc = `${date}T${time}`;
  const seconds = Date.parse(`${utc}Z`);
  // Date.parse takes February 30 for March 2.
  if (Number.isNaN(seconds) || !new Date(seconds).toISOString().startsWith(utc)) return null;
  return seconds + Number(fraction.slice(1, 4).padEnd(3, '0')) - offset(zone);
}

/** A zone's distance from UTC in milliseconds. */
function offset(zone = 'Z'): number {
  if (zone === 'Z') return 0;
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2));
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000;
}

const HTTP_DATE = /^\w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT$/;

/** An HTTP `Date` header in Unix milliseconds; null for anything else. */
export function parseHttpDate(text: string | null): number | null {
  const date = HTTP_DATE.test(text ?? '') ? Date.parse(text ?? '') : NaN;
  return Number.isNaN(date) ? null : date;
}
