import type { PendingApproval } from './errors.ts';
import type { Governor } from './governor.ts';
import { activityIds } from './log-ids.ts';
import { printable } from './text.ts';

/** Bytes of JSON text: hosts show it where there is little room, the least of them 400 bytes with what stands around it. */
const MAX = 350;
const MAX_LIST = 210;
const MAX_NAME = 120;
const MAX_ID = 60;

/** For people: what is waited for, by which ids at Core, since when, until when and why. The same sentence wherever it is said. */
export function waitingFor(activityType: string, pending: readonly PendingApproval[], since: number | undefined): string {
  const from = since === undefined ? '' : ` since ${clockTime(since)}`;
  const what = `waiting for approval of ${listOf(pending.map((one) => nameOf(activityType, one)))}${from}${until(pending)}`;
  const reasons = [...new Set(pending.flatMap(({ reason }) => reason ?? []))].join('; ');
  return reasons === '' ? what : fit(`${what}: ${printable(reasons)}`, MAX);
}

/** Told once, as a wait begins. */
export function logWait({ ports: { logger } }: Governor, waiting: string, activity: Parameters<typeof activityIds>[0]): void {
  logger.info(`${waiting.charAt(0).toUpperCase()}${waiting.slice(1)}`, activityIds(activity));
}

/** An id is never cut for a name's sake: it is what finds the approval at Core. */
function nameOf(activityType: string, { identifier, approvalId }: PendingApproval): string {
  const name = fit(printable(identifier === activityType ? activityType : `${identifier} in ${activityType}`), MAX_NAME);
  return approvalId === null ? name : `${name} (${fit(printable(approvalId), MAX_ID)})`;
}

/** As many as there is room for, one at least. */
function listOf(names: readonly string[]): string {
  let count = 1;
  while (count < names.length && bytesOf(names.slice(0, count + 1).join(', ')) <= MAX_LIST) count++;
  const others = names.length - count;
  return `${names.slice(0, count).join(', ')}${others > 0 ? ` and ${others} more` : ''}`;
}

function until(pending: readonly PendingApproval[]): string {
  const expiry = Math.min(...pending.map(({ expiresAt }) => expiresAt ?? Infinity));
  return Number.isFinite(expiry) ? `, expires ${clockTime(expiry)}` : '';
}

function clockTime(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** The text, or as much of its beginning as takes `max` bytes with a `…`. */
function fit(text: string, max: number): string {
  if (bytesOf(text) <= max) return text;
  let kept = '';
  let left = max - bytesOf('…');
  for (const character of text) {
    left -= bytesOf(character);
    if (left < 0) break;
    kept += character;
  }
  return `${kept}…`;
}

function bytesOf(text: string): number {
  return new TextEncoder().encode(JSON.stringify(text)).length - 2;
}
