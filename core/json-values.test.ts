import { runInNewContext } from 'node:vm';
import { RawValue } from '@temporalio/common';
import { expect, test } from 'vitest';
import { toJson } from './json.ts';

const parsed = (value: unknown, binary?: number): unknown =>
  JSON.parse(toJson(value, binary === undefined ? {} : { binary }));

class Point {
  readonly x = 1;
  readonly #hidden = 2;
  get sum(): number {
    return this.x + this.#hidden;
  }
}

class Money {
  toJSON(key: string): unknown {
    return { amount: 5n, key };
  }
}

test.each<[string, unknown, unknown]>([
  ['a class by its fields', new Point(), { x: 1 }],
  ['an own toJSON, with its key', { price: new Money(), list: [new Money()] }, { price: { amount: 5, key: 'price' }, list: [{ amount: 5, key: '0' }] }],
  ['a toJSON that gives another kind', { toJSON: () => new Map([['a', 1]]) }, { a: 1 }],
  ['a toJSON that gives nothing', { a: { toJSON: () => undefined } }, {}],
  ['a date', new Date(0), '1970-01-01T00:00:00.000Z'],
  ['no date', new Date(NaN), null],
  ['a URL', new URL('https://h/a?b'), 'https://h/a?b'],
  ['query parameters', new URLSearchParams({ a: '1', b: 'c d' }), 'a=1&b=c+d'],
  ['a pattern', /a"b/gi, '/a"b/gi'],
  ['a map with text keys', new Map<string, unknown>([['a', 1], ['b', new Set([1])]]), { a: 1, b: [1] }],
  ['a map with other keys', new Map<unknown, unknown>([['a', 1], [{ k: 1 }, 2]]), [['a', 1], [{ k: 1 }, 2]]],
  ['a set', new Set(['a', { b: 1 }]), ['a', { b: 1 }]],
  ['boxed values', [Object(1), Object('a'), Object(true), Object(5n)], [1, 'a', true, 5]],
  ['a boxed NaN', Object(NaN), null],
  ['a boxed symbol', Object(Symbol('s')), {}],
  ['a promise', Promise.resolve(1), {}],
  ['a weak map', new WeakMap(), {}],
])('writes %s', (_, value, expected) => {
  expect(parsed(value)).toEqual(expected);
});

test('a map keyed __proto__ is written with that key', () => {
  expect(toJson(new Map([['__proto__', 1]]))).toBe('{"__proto__":1}');
});

test.each<[string, unknown, string, string]>([
  ['bytes', new Uint8Array([1, 2, 3]), 'Uint8Array', 'AQID'],
  ['a view on its part', new Uint8Array([0, 1, 2, 3]).subarray(1), 'Uint8Array', 'AQID'],
  ['a Buffer, which has a toJSON', Buffer.from([1, 2, 3]), 'Uint8Array', 'AQID'],
  ['a DataView', new DataView(new Uint8Array([0, 1, 2, 3]).buffer, 1), 'DataView', 'AQID'],
  ['wider numbers', new Uint16Array([1, 2]), 'Uint16Array', 'AQACAA=='],
  ['a buffer', new Uint8Array([1, 2, 3]).buffer, 'ArrayBuffer', 'AQID'],
  ['shared memory', new SharedArrayBuffer(2), 'SharedArrayBuffer', 'AAA='],
  ['nothing', new Uint8Array(), 'Uint8Array', ''],
])('writes binary as base64: %s', (_, value, type, base64) => {
  expect(parsed(value)).toEqual({ type, byte_length: Buffer.from(base64, 'base64').length, base64 });
});

test('cuts binary at the limit, 4,096 bytes by default', () => {
  expect(parsed(new Uint8Array([1, 2, 3, 4]), 3)).toEqual({ type: 'Uint8Array', byte_length: 4, base64: 'AQID[Truncated]' });
  const { base64 } = parsed(new Uint8Array(5000)) as { base64: string };
  expect(Buffer.from(base64.replace('[Truncated]', ''), 'base64')).toHaveLength(4096);
});

test('writes an error as events name it, without its stack', () => {
  class TooLate extends Error {
    readonly minutes = 5;
  }
  const error = new TooLate('missed', { cause: new TypeError('inner') });
  expect(parsed(error)).toEqual({ type: 'TooLate', message: 'missed', minutes: 5, cause: { type: 'TypeError', message: 'inner' } });
  expect(toJson(error)).not.toContain('json-values.test');
});

test('keeps an error apart from its own type, and an aggregate its errors', () => {
  const failure = Object.assign(new Error('no'), { type: 'PaymentRefused', nonRetryable: true });
  failure.name = 'ApplicationFailure';
  expect(parsed(failure)).toEqual({ type: 'ApplicationFailure', error_type: 'PaymentRefused', message: 'no', nonRetryable: true });
  expect(parsed(new AggregateError([new Error('a'), 'b'], 'both'))).toEqual({
    type: 'AggregateError',
    message: 'both',
    errors: [{ type: 'Error', message: 'a' }, 'b'],
  });
});

test('an error whose message throws is still an error', () => {
  const error = new RangeError('x');
  Object.defineProperty(error, 'message', {
    get: () => {
      throw new Error('secret');
    },
  });
  expect(parsed(error)).toEqual({ type: 'RangeError', message: '[Unserializable]' });
});

test('an error that is its own cause ends', () => {
  const error = new Error('round');
  error.cause = error;
  expect(parsed(error)).toEqual({ type: 'Error', message: 'round', cause: '[Circular]' });
});

test('knows the kinds of another realm', () => {
  const foreign: unknown = runInNewContext(
    '({ map: new Map([["a", 1]]), set: new Set([1]), date: new Date(0), error: new TypeError("no"), bytes: new Uint8Array([1]), plain: { a: [1] } })',
  );
  expect(parsed(foreign)).toEqual({
    map: { a: 1 },
    set: [1],
    date: '1970-01-01T00:00:00.000Z',
    error: { type: 'TypeError', message: 'no' },
    bytes: { type: 'Uint8Array', byte_length: 1, base64: 'AQ==' },
    plain: { a: [1] },
  });
});

test.each(['Map', 'Set', 'Date', 'Number', 'BigInt', 'Uint8Array'])(
  'an object that only says it is a %s is written by its fields',
  (tag) => {
    class Impostor {
      readonly a = 1;
      get [Symbol.toStringTag](): string {
        return tag;
      }
    }
    expect(parsed([new Impostor()])).toEqual([{ a: 1 }]);
  },
);

test('the own methods of a Map or Set that a subclass overrides are not asked', () => {
  class Odd extends Map<string, number> {
    override entries(): never {
      throw new Error('secret');
    }
    override [Symbol.iterator](): never {
      throw new Error('secret');
    }
  }
  expect(parsed(new Odd().set('a', 1))).toEqual({ a: 1 });
});

const payload = (encoding: string, data?: Uint8Array): RawValue =>
  RawValue.fromPayload({ metadata: { encoding: Buffer.from(encoding) }, ...(data && { data }) });

test.each<[string, RawValue, unknown]>([
  ['JSON', payload('json/plain', Buffer.from('{"a":[1]}')), { a: [1] }],
  ['no JSON after all', payload('json/plain', Buffer.from('{')), { encoding: 'json/plain', data: { type: 'Uint8Array', byte_length: 1, base64: 'ew==' } }],
  ['null', payload('binary/null'), null],
  ['bytes', payload('binary/plain', new Uint8Array([1, 2])), { encoding: 'binary/plain', data: { type: 'Uint8Array', byte_length: 2, base64: 'AQI=' } }],
  ['nothing', payload('binary/encrypted'), { encoding: 'binary/encrypted', data: { type: 'Uint8Array', byte_length: 0, base64: '' } }],
])("shows what Temporal's RawValue holds: %s", (_, value, expected) => {
  expect(parsed([value])).toEqual([expected]);
});

test('another class named RawValue is written by its fields', () => {
  class RawValue {
    readonly payload: unknown;
    constructor(payload: unknown) {
      this.payload = payload;
    }
  }
  const payloads = [{ a: 1 }, null, { metadata: { encoding: 'json/plain' } }];
  expect(parsed(payloads.map((value) => new RawValue(value)))).toEqual(payloads.map((value) => ({ payload: value })));
});

test.each(['ArrayBuffer', 'RegExp', 'Map', 'Date'])('an object that only claims to be a %s is written by its fields', (tag) => {
  expect(parsed({ [Symbol.toStringTag]: tag, byteLength: 1e9, shown: 1 })).toEqual({ byteLength: 1e9, shown: 1 });
});

test('what stands for nothing counts in the size too', () => {
  expect(toJson(Array.from({ length: 100_000 }), { bytes: 1000 }).length).toBeLessThan(1100);
});
