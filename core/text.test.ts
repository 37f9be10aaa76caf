import { expect, test } from 'vitest';
import { cut, cutBytes, decodeText, isTextContent, printable } from './text.ts';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test.each([
  ['plain text, "quoted" – naïve 你好 😀', 'plain text, "quoted" – naïve 你好 😀'],
  ['a\nb\r\tc', 'a\\nb\\r\\tc'],
  ['\0\x07\x1b[31m\x7f\x85', '\\u0000\\u0007\\u001b[31m\\u007f\\u0085'],
  ['a\u202eb\u2066c\u2069', 'a\\u202eb\\u2066c\\u2069'],
  ['a\u2028b\u2029', 'a\\u2028b\\u2029'],
  ['a\u200bb\u200e\ufeff\u061c\u2060', 'a\\u200bb\\u200e\\ufeff\\u061c\\u2060'],
  ['half \ud83d and \ude00', 'half \\ud83d and \\ude00'],
  ['tag \u{e0041}', 'tag \\u{e0041}'],
  ['joined 👩\u200d🚀', 'joined 👩\u200d🚀'],
])('printable escapes what reorders, hides or forges: %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('printable cuts at 1,000 characters by default, the escapes counted', () => {
  expect(printable('a'.repeat(1000))).toBe('a'.repeat(1000));
  expect(printable('a'.repeat(1001))).toBe(`${'a'.repeat(999)}…`);
  expect(printable('\n'.repeat(1000))).toBe(`${'\\n'.repeat(500).slice(0, 999)}…`);
  expect(printable('a'.repeat(1e7), 5)).toBe('aaaa…');
});

test('printable never leaves half a character', () => {
  for (let max = 1; max < 12; max++) {
    const shown = printable('a😀b😀c😀d😀', max);
    expect(shown.length).toBeLessThanOrEqual(max);
    expect(() => encodeURIComponent(shown)).not.toThrow();
    expect(shown).not.toContain('\\');
  }
});

test.each<[unknown, string]>([
  [undefined, 'undefined'],
  [null, 'null'],
  [42n, '42'],
  [Symbol('s'), 'Symbol(s)'],
  [new Error('no'), 'Error: no'],
  [Object.create(null), '[Unreadable]'],
  [{ toString: () => ({}) }, '[Unreadable]'],
  [
    {
      toString: () => {
        throw new Error('secret');
      },
    },
    '[Unreadable]',
  ],
])('printable shows anything, case %#', (value, shown) => {
  expect(printable(value)).toBe(shown);
});

test.each<[string, number, string | undefined, string]>([
  ['abc', 3, '!', 'abc'],
  ['abcd', 3, '!', 'abc!'],
  ['abcd', 3, undefined, 'abc'],
  ['abcd', 0, '!', '!'],
  ['abcd', -1, '!', '!'],
  ['', 0, '!', ''],
  ['a😀b', 2, '', 'a'],
  ['a😀b', 3, '', 'a😀'],
  ['😀', 1, '…', '…'],
  ['a', Infinity, '!', 'a'],
])('cut(%j, %d, %j) is %j', (text, max, suffix, result) => {
  expect(cut(text, max, suffix)).toBe(result);
});

test('cutBytes gives the beginning', () => {
  expect([...cutBytes(new Uint8Array([1, 2, 3]), 2)]).toEqual([1, 2]);
  expect([...cutBytes(new Uint8Array([1, 2, 3]), 9)]).toEqual([1, 2, 3]);
  expect([...cutBytes(new Uint8Array([1, 2, 3]), 0)]).toEqual([]);
});

test('decodes a text cut inside a character without a trace of it', () => {
  const whole = bytes('aé€😀');
  const decoded = Array.from({ length: whole.length + 1 }, (_, length) => decodeText(whole.subarray(0, length), null));
  expect(decoded).toEqual(['', 'a', 'a', 'aé', 'aé', 'aé', 'aé€', 'aé€', 'aé€', 'aé€', 'aé€😀']);
});

test.each<[number[], string | null, string]>([
  [[0xe9], 'text/plain; charset=iso-8859-1', 'é'],
  [[0xe9], 'text/plain; Charset = "ISO-8859-1"; x=y', 'é'],
  [[0xe9], "text/html;charset='latin1'", 'é'],
  [[0x82, 0xa0], 'text/plain; charset=shift_jis', 'あ'],
  [[0x41, 0, 0x42, 0], 'text/plain; charset=utf-16le', 'AB'],
  [[0xc3, 0xa9], 'text/plain; charset=utf-8', 'é'],
  [[0xc3, 0xa9], 'text/plain', 'é'],
  [[0xc3, 0xa9], 'text/plain; charset=no-such', 'é'],
  [[0xc3, 0xa9], null, 'é'],
  [[0x41, 0xff, 0x42], null, 'A\ufffdB'],
])('decodes %j as %j', (raw, contentType, text) => {
  expect(decodeText(Uint8Array.from(raw), contentType)).toBe(text);
});

test.each<[string | null]>([
  [null],
  [''],
  ['text/plain'],
  ['TEXT/HTML; charset=utf-8'],
  ['text/event-stream'],
  ['text/x-anything'],
  [' application/json '],
  ['application/json;charset=utf-8'],
  ['application/problem+json'],
  ['application/vnd.api+json'],
  ['application/x-ndjson'],
  ['application/ndjson'],
  ['application/jsonl'],
  ['application/json-patch+json'],
  ['application/json-seq'],
  ['application/x-json'],
  ['application/x-amz-json-1.1'],
  ['application/xml'],
  ['application/xml-dtd'],
  ['application/soap+xml'],
  ['image/svg+xml'],
  ['application/javascript'],
  ['application/x-javascript'],
  ['application/ecmascript'],
  ['application/x-www-form-urlencoded'],
  ['application/vnd.amazon.event-stream'],
])('%j is text', (contentType) => {
  expect(isTextContent(contentType)).toBe(true);
});

test.each([
  'application/octet-stream',
  'application/pdf',
  'application/x-protobuf',
  'application/grpc',
  'application/zip',
  'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
  'application/jsonish-blob',
  'image/png',
  'image/png; name=text/plain',
  'multipart/form-data; boundary=json',
  'video/mp4',
  'audio/mpeg',
  'font/woff2',
])('%j is not', (contentType) => {
  expect(isTextContent(contentType)).toBe(false);
});
