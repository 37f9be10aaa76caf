import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { toJson, UNBOUNDED } from './json.ts';
import type { JsonLimits } from './json.ts';

/** What a reader gets. */
const parsed = (value: unknown, limits?: Partial<JsonLimits>): unknown => JSON.parse(toJson(value, limits));

test.each<[unknown]>([
  [null],
  [true],
  [0],
  [-1.5e-7],
  [1e21],
  ['text "quoted" \\ / \n \u2028 é 😀'],
  ['\0\x1f\x7f'],
  [[]],
  [{}],
  [[1, [2, [3]], { a: [{}] }]],
  [{ a: 1, 'b "c"': { é: null }, '': 0 }],
  [{ a: undefined, b: () => 1, c: Symbol('s'), d: 1 }],
  [[undefined, () => 1, Symbol('s')]],
  [[NaN, Infinity, -Infinity, -0]],
  [Object.assign([], { length: 3 })],
  [{ 2: 'b', 1: 'a', z: 1, y: 2 }],
  [Object.create({ inherited: 1 })],
  [Object.create(null)],
])('writes what JSON knows as JSON.stringify does, case %#', (value) => {
  expect(toJson(value)).toBe(JSON.stringify(value));
});

test.each<[unknown]>([[undefined], [() => 1], [Symbol('s')]])('what JSON leaves out is null at the top, case %#', (value) => {
  expect(toJson(value)).toBe('null');
});

test('a BigInt is written as digits, beyond 16,384 bits as a mark', () => {
  expect(toJson([1772971200000000001n, -(2n ** 64n)])).toBe('[1772971200000000001,-18446744073709551616]');
  expect(toJson((1n << 16384n) - 1n)).toHaveLength(4933);
  expect(parsed([1n << 16384n, -(1n << 16384n), 1n << 1_000_000n])).toEqual(['[Truncated]', '[Truncated]', '[Truncated]']);
});

test('a half surrogate pair is escaped, so that the body is UTF-8', () => {
  expect(toJson('a\ud83d')).toBe('"a\\ud83d"');
});

test('an own __proto__ is a field', () => {
  const json = '{"__proto__":{"polluted":true},"a":1}';
  expect(toJson(JSON.parse(json))).toBe(json);
});

test('a circle ends where it closes; the same object twice is no circle', () => {
  const shared = { x: 1 };
  const circle: Record<string, unknown> = { first: shared, second: shared };
  circle['self'] = circle;
  circle['list'] = [circle];
  expect(parsed(circle)).toEqual({ first: { x: 1 }, second: { x: 1 }, self: '[Circular]', list: ['[Circular]'] });
});

test('a bad getter or toJSON hides its own field only', () => {
  const bad = {
    get getter(): unknown {
      throw new Error('secret');
    },
    method: {
      toJSON: () => {
        throw new Error('secret');
      },
    },
    good: 1,
  };
  expect(parsed(bad)).toEqual({ getter: '[Unserializable]', method: '[Unserializable]', good: 1 });
});

const forbid = (): never => {
  throw new Error('secret');
};

test.each<[string, ProxyHandler<object>]>([
  ['get', { get: forbid }],
  ['ownKeys', { ownKeys: forbid }],
  ['getPrototypeOf', { getPrototypeOf: forbid }],
  ['getOwnPropertyDescriptor', { getOwnPropertyDescriptor: forbid }],
  ['everything', new Proxy({}, { get: () => forbid })],
])('a proxy that throws at %s is marked, in its place', (_, handler) => {
  for (const target of [{ a: 1 }, [1]]) {
    const json = toJson({ before: 1, hostile: new Proxy(target, handler), after: 2 });
    expect(JSON.parse(json)).toMatchObject({ before: 1, after: 2 });
    expect(json).not.toContain('secret');
  }
  expect(() => JSON.parse(toJson(new Proxy({ a: 1 }, handler)))).not.toThrow();
});

test('a revoked proxy is marked', () => {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  expect(parsed([proxy, 1])).toEqual(['[Unserializable]', 1]);
  expect(parsed(proxy)).toBe('[Unserializable]');
});

test('a proxy that is ever deeper, ever longer or ever new ends at the limits', () => {
  const deeper: object = new Proxy({}, { get: (_, key) => (key === 'toJSON' ? undefined : deeper), ownKeys: () => ['a'], getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }) });
  const fresh = (): object => new Proxy({ a: 1, b: 1 }, { get: (_, key) => (key === 'toJSON' ? undefined : fresh()) });
  const longer = new Proxy([], { get: (_, key) => (key === 'length' ? 2 ** 53 - 1 : key === 'toJSON' ? undefined : 1) });
  expect(parsed(deeper)).toEqual({ a: '[Circular]' });
  expect(toJson(fresh(), { nodes: 5000 }).length).toBeLessThan(500_000);
  expect((parsed(longer, { nodes: 100 }) as unknown[]).at(-1)).toBe('[Truncated]');
  expect(toJson({ toJSON: () => fresh() }, { depth: 5 })).toContain('[Truncated]');
});

test('limits the depth', () => {
  let deep: unknown = 'end';
  for (let i = 0; i < 5000; i++) deep = [deep];
  expect(parsed(deep, { depth: 3 })).toEqual([[['[Truncated]']]]);
  expect(toJson(deep)).toBe(`${'['.repeat(64)}"[Truncated]"${']'.repeat(64)}`);
});

test('limits the number of values', () => {
  expect(parsed([1, 2, 3, 4, 5], { nodes: 4 })).toEqual([1, 2, 3, '[Truncated]']);
  expect(parsed({ a: 1, b: 2, c: 3 }, { nodes: 3 })).toEqual({ a: 1, b: 2, '[Truncated]': '[Truncated]' });
  expect(parsed({ a: 1 }, { nodes: 1 })).toEqual({ '[Truncated]': '[Truncated]' });
});

test.each<[string, (size: number) => unknown]>([
  ['one text', (size) => 'x'.repeat(size)],
  ['one text of escapes', (size) => '\0'.repeat(size)],
  ['one text of quotes', (size) => '"'.repeat(size)],
  ['one text beyond ASCII', (size) => '你'.repeat(size)],
  ['one text of emoji', (size) => '😀'.repeat(size / 2)],
  ['one text of halves', (size) => '\ud83d'.repeat(size)],
  ['many texts', (size) => Array.from({ length: size / 10 }, () => 'x\n"é"')],
  ['a long key', (size) => ({ ['k'.repeat(size)]: 1, ['é'.repeat(size)]: 2 })],
  ['many keys', (size) => Object.fromEntries(Array.from({ length: size / 10 }, (_, i) => [`key ${i}`, i]))],
  ['empty objects', (size) => Array.from({ length: size }, () => ({}))],
  ['nulls', (size) => Array.from({ length: size }, () => null)],
  ['an error with a long message', (size) => new Error('é'.repeat(size))],
])('limits the bytes of %s, and the output parses', (_, make) => {
  for (const bytes of [0, 1, 100, 1000, 10_000]) {
    const json = toJson(make(40_000), { bytes });
    expect(() => JSON.parse(json)).not.toThrow();
    expect(Buffer.byteLength(json)).toBeLessThan(bytes * 2.5 + 200);
    expect(json).toContain('[Truncated]');
  }
});

test('what fits is not cut', () => {
  for (const text of ['x'.repeat(97), 'é'.repeat(30)]) expect(parsed(text, { bytes: 100 })).toBe(text);
});

test('a text is never cut inside a surrogate pair', () => {
  for (let bytes = 0; bytes < 40; bytes++) {
    const text = parsed('a😀'.repeat(50), { bytes }) as string;
    expect(() => encodeURIComponent(text)).not.toThrow();
  }
});

test('the default is 8 MiB', () => {
  const json = toJson(['x'.repeat(20 * 1024 * 1024), 'y'.repeat(1000)]);
  expect(json.length).toBeGreaterThan(8 * 1024 * 1024 - 100);
  expect(json.length).toBeLessThan(8 * 1024 * 1024 + 200);
});

test('UNBOUNDED covers every byte', () => {
  const digest = (value: unknown): string => createHash('sha256').update(toJson(value, UNBOUNDED)).digest('hex');
  const bytes = new Uint8Array(2_000_000);
  const text = 'x'.repeat(10_000_000);
  const before = [digest(bytes), digest({ text })];
  bytes[1_999_999] = 1;
  expect(digest(bytes)).not.toBe(before[0]);
  expect(digest({ text: `${text.slice(0, -1)}y` })).not.toBe(before[1]);
  expect(toJson({ text, list: [bytes] }, UNBOUNDED)).not.toContain('[Truncated]');
});

test('UNBOUNDED still ends', () => {
  let deep: unknown = 1;
  for (let i = 0; i < 100_000; i++) deep = { deep };
  expect(toJson(deep, UNBOUNDED)).toContain('[Truncated]');
});

test('never changes what it writes', () => {
  const value = Object.freeze({ list: Object.freeze([1, Object.freeze({ a: new Date(0) })]) });
  expect(() => toJson(value)).not.toThrow();
  expect(value).toEqual({ list: [1, { a: new Date(0) }] });
});
