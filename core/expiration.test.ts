import { expect, test } from 'vitest';
import { parseExpiration, parseHttpDate } from './expiration.ts';

const NOON = Date.UTC(2026, 2, 8, 12);

test.each<[string, number]>([
  ['2026-03-08T12:00:00Z', NOON],
  ['2026-03-08T12:00:00.000Z', NOON],
  ['2026-03-08T12:00:00.5Z', NOON + 500],
  ['2026-03-08T12:00:00.123456789Z', NOON + 123],
  ['2026-03-08T12:00:00.007999Z', NOON + 7],
  ['2026-03-08T14:00:00+02:00', NOON],
  ['2026-03-08T14:00:00+0200', NOON],
  ['2026-03-08T06:30:00-05:30', NOON],
  ['2026-03-08T12:00:00+00:00', NOON],
  ['2026-03-09T11:59:00+23:59', NOON],
  ['2026-03-08 12:00:00', NOON],
  ['2026-03-08 12:00:00.25', NOON + 250],
  ['  2026-03-08T12:00:00Z\n', NOON],
  ['2024-02-29T00:00:00Z', Date.UTC(2024, 1, 29)],
  ['9999-12-31 23:59:59', Date.UTC(9999, 11, 31, 23, 59, 59)],
])('reads %j', (text, time) => {
  expect(parseExpiration(text)).toBe(time);
});

test.each<[string | null]>([
  [null],
  [''],
  ['soon'],
  ['2026-03-08'],
  ['1772971200'],
  // Local time, or a zone where the form is UTC already: neither is one of the contract's three.
  ['2026-03-08T12:00:00'],
  ['2026-03-08 12:00:00Z'],
  ['2026-03-08 12:00:00+02:00'],
  ['2026-03-08T12:00Z'],
  ['2026-03-08T12:00:00z'],
  ['2026-03-08T12:00:00,5Z'],
  ['2026-03-08T12:00:00.Z'],
  ['2026-03-08T12:00:00+24:00'],
  ['2026-03-08T12:00:00+02:60'],
  ['2026-03-08T12:00:00+2'],
  ['2026-02-29T12:00:00Z'],
  ['2026-02-30 12:00:00'],
  ['2026-04-31T12:00:00Z'],
  ['2026-13-01T12:00:00Z'],
  ['2026-00-01T12:00:00Z'],
  ['2026-03-08T24:00:00Z'],
  ['2026-03-08T12:60:00Z'],
  ['2026-03-08T23:59:60Z'],
  ['+002026-03-08T12:00:00Z'],
  ['2026-03-08T12:00:00Z and more'],
])('refuses %j', (text) => {
  expect(parseExpiration(text)).toBeNull();
});

test('reads the time as UTC in every time zone of the machine', () => {
  const before = process.env['TZ'];
  try {
    for (const zone of ['Pacific/Kiritimati', 'America/St_Johns', 'UTC']) {
      process.env['TZ'] = zone;
      expect(parseExpiration('2026-03-08 12:00:00')).toBe(NOON);
    }
  } finally {
    if (before === undefined) delete process.env['TZ'];
    else process.env['TZ'] = before;
  }
});

test('reads an HTTP date', () => {
  expect(parseHttpDate('Sun, 08 Mar 2026 12:00:00 GMT')).toBe(NOON);
  expect(parseHttpDate(new Date(NOON + 1000).toUTCString())).toBe(NOON + 1000);
});

test.each<[string | null]>([
  [null],
  [''],
  ['now'],
  ['2026-03-08T12:00:00Z'],
  ['Sun, 08 Mar 2026 12:00:00'],
  ['Sun, 08 Mar 2026 12:00:00 +0200'],
  ['Sun, 8 Mar 2026 12:00:00 GMT'],
  ['Sun, 08 Foo 2026 12:00:00 GMT'],
  ['Sun, 08 Mar 2026 25:00:00 GMT'],
  [' Sun, 08 Mar 2026 12:00:00 GMT'],
])('%j is no HTTP date', (text) => {
  expect(parseHttpDate(text)).toBeNull();
});
