import { expect, test } from 'vitest';
import { toJson } from './json.ts';
import { redactValue } from './redaction.ts';

/** The value that runs after a redaction that fits. */
const redacted = (value: unknown, answer: unknown): unknown => {
  const result = redactValue(value, answer);
  if (!result.ok) throw new Error(result.problem);
  return result.value;
};

const fits = (value: unknown, answer: unknown): boolean => redactValue(value, answer).ok;

/** What Core sees of a value, for an answer that repeats it. */
const seen = (value: unknown): unknown => JSON.parse(toJson(value));

class Price {
  readonly amount: number;
  readonly currency: string;
  constructor(amount: number, currency: string) {
    this.amount = amount;
    this.currency = currency;
  }
  toJSON(): unknown {
    return { amount: this.amount, currency: this.currency, label: `${this.amount} ${this.currency}` };
  }
}

test('an array is replaced whole, its tail too; items that come back as they were stay the originals (fault: redaction-leaves-tail)', () => {
  const [first, last] = [{ a: 1, when: new Date(0) }, new Map([['k', 1n]])];
  const value = [first, 'x', last];
  const result = redacted(value, [seen(first), '[X]', seen(last)]) as unknown[];
  expect(result[0]).toBe(first);
  expect(result[1]).toBe('[X]');
  expect(result[2]).toBe(last);
  expect(redacted(value, ['[X]'])).toEqual(['[X]']);
  expect(redacted(value, [])).toEqual([]);
  expect(redacted([1], [1, 2, 3])).toEqual([1, 2, 3]);
  expect(redacted([{ a: 1, b: 2 }], [{ a: 0 }, 1])).toEqual([{ a: 0 }, 1]);
});

test('what Core saw and sent back as it was is the original, which may be more', () => {
  const long = 'x'.repeat(9 * 1024 * 1024);
  const values = [NaN, Infinity, 2n ** 60n, () => 1, undefined, /a/, new Uint8Array([1, 2]), new Error('no'), long];
  for (const value of values) expect(redacted(value, seen(value))).toBe(value);

  const record = { big: 2n ** 60n, nan: NaN, call: () => 1, error: new Error('no'), long, card: '4111' };
  const result = redacted(record, { ...(seen({ ...record, long: 1 }) as object), long: seen(long), card: '[X]' });
  expect(result).toEqual({ ...record, card: '[X]' });
});

test.each(['[Circular]', '[Truncated]', '[Unserializable]'])('the mark %s stands for what Core was never shown', (mark) => {
  const inner = { a: 1 };
  const value = { inner, card: '4111', list: [inner, 2] };
  const result = redacted(value, { inner: mark, card: '[X]', list: [mark, 3] }) as typeof value;
  expect(result).toEqual({ inner, card: '[X]', list: [inner, 3] });
  expect(result.inner).toBe(inner);
});

test('a circular value keeps its circle, in the original', () => {
  const value: Record<string, unknown> = { card: '4111' };
  value['self'] = value;
  expect(redacted(value, { ...(seen(value) as object), card: '[X]' })).toEqual({ card: '[X]', self: value });
});

test('a list cut short is kept if the answer changes nothing before the cut, and refused otherwise', () => {
  const value = [1, 2, 3, 4];
  expect(redacted(value, [1, 2, '[Truncated]'])).toBe(value);
  expect(fits(value, [1, '[X]', '[Truncated]'])).toBe(false);
  expect(fits({ value }, { value: ['[X]', '[Truncated]'] })).toBe(false);
});

test('an object cut short takes the changes before the cut', () => {
  expect(redacted({ a: 1, b: 2, c: 3 }, { a: 0, '[Truncated]': '[Truncated]' })).toEqual({ a: 0, b: 2, c: 3 });
});

test('a text cut short can not be replaced by another beginning', () => {
  const result = redactValue({ text: 'x'.repeat(100) }, { text: '[X] xx[Truncated]' });
  expect(result).toEqual({ ok: false, problem: 'redaction does not fit: output.text is string, its redaction a text cut short' });
});

test('a date becomes another date, or a text', () => {
  expect(redacted({ at: new Date(0) }, { at: '2000-01-01T00:00:00.000Z' })).toEqual({ at: new Date(Date.UTC(2000, 0, 1)) });
  expect(redacted({ at: new Date(0) }, { at: '[X]' })).toEqual({ at: '[X]' });
  expect(redacted({ at: new Date(0) }, { at: '2000-99-01' })).toEqual({ at: '2000-99-01' });
  expect(redacted({ at: new Date(0) }, { at: '1' })).toEqual({ at: '1' });
  expect(redacted({ at: '1970-01-01' }, { at: '2000-01-01' })).toEqual({ at: '2000-01-01' });
  expect(fits({ at: new Date(0) }, { at: { year: 2000 } })).toBe(false);
});

test('a map keeps its other entries and gets the new ones', () => {
  const inner = new Map<string, unknown>([['pin', '1234'], ['id', 5n]]);
  const value = new Map<string, unknown>([['a', inner], ['b', 1], ['when', new Date(0)]]);
  const result = redacted(value, { a: { pin: '[X]', id: 5 }, c: 2 }) as typeof value;
  expect(result).toBeInstanceOf(Map);
  expect(result).toEqual(new Map<string, unknown>([['a', new Map<string, unknown>([['pin', '[X]'], ['id', 5n]])], ['b', 1], ['when', new Date(0)], ['c', 2]]));
  expect(inner.get('pin')).toBe('1234');
});

test('a map keyed by anything but text can not be redacted', () => {
  const value = new Map([[{ id: 1 }, 'x']]);
  expect(redacted(value, seen(value))).toBe(value);
  expect(fits(value, [[{ id: 1 }, '[X]']])).toBe(false);
  expect(fits(new Map([['a', 1]]), [1, 2])).toBe(false);
});

test('a set takes the list as its items', () => {
  const item = { a: 1 };
  const result = redacted(new Set<unknown>(['x', item]), ['[X]', { a: 1 }]) as Set<unknown>;
  expect(result).toEqual(new Set(['[X]', item]));
  expect(result.has(item)).toBe(true);
  expect(fits(new Set([1]), { a: 1 })).toBe(false);
});

test('a subclass of Map or Set, whose own state could not be copied, is refused', () => {
  class Cache extends Map<string, number> {}
  class Tags extends Set<string> {}
  expect(fits(new Cache([['a', 1]]), { a: 2 })).toBe(false);
  expect(fits(new Tags(['a']), ['b', 'c'])).toBe(false);
  const same = new Cache([['a', 1]]);
  expect(redacted(same, { a: 1 })).toBe(same);
});

test('a class with toJSON takes changes to its own fields, keeping the class', () => {
  const result = redacted(new Price(5, 'EUR'), { amount: 0, currency: 'EUR', label: '5 EUR' }) as Price;
  expect(result).toBeInstanceOf(Price);
  expect(result).toEqual(new Price(0, 'EUR'));
});

test('a computed field of toJSON can not be redacted, nor the whole be replaced by a text', () => {
  expect(fits(new Price(5, 'EUR'), { label: '[X]' })).toBe(false);
  expect(fits(new Price(5, 'EUR'), '[X]')).toBe(false);
  expect(redacted(new Price(5, 'EUR'), null)).toBeNull();
});

test('a value that Core saw as a text may become another', () => {
  expect(redacted({ link: new URL('https://h/?token=1') }, { link: 'https://h/' })).toEqual({ link: 'https://h/' });
  expect(redacted({ id: Object(5) }, { id: 6 })).toEqual({ id: 6 });
});

test('binary and errors are replaced by a text or refused, never half changed', () => {
  const bytes = new Uint8Array([1, 2, 3]);
  expect(redacted({ bytes }, { bytes: '[X]' })).toEqual({ bytes: '[X]' });
  for (const value of [bytes, Buffer.from(bytes), bytes.buffer]) {
    expect(fits(value, { ...(seen(value) as object), base64: 'AAAA' })).toBe(false);
    expect(fits(value, [0, 0, 0])).toBe(false);
  }
  const error = new Error('card 4111');
  expect(fits(error, { type: 'Error', message: 'card [X]' })).toBe(false);
  expect(redacted(error, { type: 'Error', message: 'card 4111' })).toBe(error);
});

const forbid = (): never => {
  throw new Error('hunter2');
};

test.each<[string, () => object]>([
  ['throws at everything', () => new Proxy({ a: 1 }, new Proxy({}, { get: () => forbid }))],
  ['throws at its fields', () => new Proxy({ a: 1 }, { getOwnPropertyDescriptor: forbid })],
  ['throws at its prototype', () => new Proxy({ a: 1 }, { getPrototypeOf: forbid })],
  [
    'is revoked',
    () => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    },
  ],
])('a proxy that %s is refused without its words', (_, make) => {
  const refused = { ok: false, problem: 'redaction does not fit: the value cannot be read or copied' };
  expect(redactValue(make(), { a: 2 })).toEqual(refused);
  expect(redactValue({ inner: make() }, { inner: { a: 2 } })).toEqual(refused);
});

test('a getter that throws is left alone unless the answer names it, and then replaced', () => {
  const make = (): object => Object.defineProperty({ a: 1 }, 'bad', { get: forbid, enumerable: true, configurable: true });
  expect(Object.getOwnPropertyDescriptor(redacted(make(), { a: 2 }), 'bad')?.get).toBe(forbid);
  expect(redacted(make(), { bad: '[X]' })).toEqual({ a: 1, bad: '[X]' });
});

test('a toJSON that throws is refused', () => {
  expect(fits({ a: { toJSON: forbid } }, { a: { b: 1 } })).toBe(false);
});

test('an answer deeper than the stack is refused, not thrown', () => {
  let [value, answer]: [unknown, unknown] = [1, 2];
  for (let i = 0; i < 50_000; i++) [value, answer] = [{ deep: value }, { deep: answer }];
  expect(redactValue(value, answer)).toEqual({ ok: false, problem: 'redaction does not fit: the value cannot be read or copied' });
});
