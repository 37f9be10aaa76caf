import { expect, test } from 'vitest';
import { redactArguments, redactValue } from './redaction.ts';

/** The value that runs after a redaction that fits. */
const redacted = (value: unknown, answer: unknown): unknown => {
  const result = redactValue(value, answer);
  if (!result.ok) throw new Error(result.problem);
  return result.value;
};

const problem = (value: unknown, answer: unknown): string => {
  const result = redactValue(value, answer);
  return result.ok ? `fits: ${JSON.stringify(result.value)}` : result.problem;
};

class Account {
  readonly owner: string;
  constructor(owner: string) {
    this.owner = owner;
  }
  greet(): string {
    return `Hello ${this.owner}`;
  }
}

test.each<[unknown, unknown]>([
  ['card 4111', 'card [X]'],
  [1, 2],
  [true, false],
  ['text', 7],
  ['text', null],
  [7, null],
  [null, 'text'],
  [null, { a: 1 }],
  [undefined, [1]],
  [{ a: 1 }, null],
  [[1], null],
  ['', 'x'],
])('replaces the primitive %o by %o', (value, answer) => {
  expect(redacted(value, answer)).toEqual(answer);
});

test('merges fields deeply and keeps those that the answer does not mention', () => {
  const value = { name: 'Ann', card: { number: '4111', month: 5 }, tags: ['a'], when: new Date(0) };
  const result = redacted(value, { card: { number: '[X]' } }) as typeof value;
  expect(result).toEqual({ name: 'Ann', card: { number: '[X]', month: 5 }, tags: ['a'], when: new Date(0) });
  expect(result.tags).toBe(value.tags);
  expect(result.when).toBe(value.when);
});

test('adds a field that the answer brings', () => {
  expect(redacted({ a: 1 }, { b: { c: 2 } })).toEqual({ a: 1, b: { c: 2 } });
});

test('sets a field to null where the answer says null', () => {
  expect(redacted({ a: { b: 1 }, c: 2 }, { a: null })).toEqual({ a: null, c: 2 });
});

test('changes nothing in place', () => {
  const deepFreeze = <T extends object>(value: T): T => {
    for (const item of Object.values(value)) if (typeof item === 'object' && item !== null) deepFreeze(item as object);
    return Object.freeze(value);
  };
  const value = deepFreeze({ a: { b: 'x', c: [1, { d: 'y' }] }, m: 'x' });
  const answer = deepFreeze({ a: { b: '[X]', c: [1, { d: '[X]' }] } });
  expect(redacted(value, answer)).toEqual({ a: { b: '[X]', c: [1, { d: '[X]' }] }, m: 'x' });
  expect(value).toEqual({ a: { b: 'x', c: [1, { d: 'y' }] }, m: 'x' });

  const [map, set, account] = [new Map([['a', 'x']]), new Set(['x']), new Account('Ann')];
  redacted(map, { a: '[X]' });
  redacted(set, ['[X]']);
  redacted(account, { owner: '[X]' });
  expect([[...map], [...set], account.owner]).toEqual([[['a', 'x']], ['x'], 'Ann']);
});

test('gives the original where nothing changes', () => {
  for (const value of [{ a: { b: 1 } }, [1, { a: 2 }], new Account('Ann'), new Map([['a', 1]]), new Set([1]), new Date(0)]) {
    expect(redacted(value, JSON.parse(JSON.stringify(value instanceof Map ? { a: 1 } : value instanceof Set ? [1] : value)))).toBe(value);
  }
  const value = { a: { b: 1 } };
  expect(redacted(value, {})).toBe(value);
  expect(redacted(value, { a: {} })).toBe(value);
});

test('keeps the class, its methods, and every field that JSON does not show', () => {
  const symbol = Symbol('s');
  const value = Object.assign(new Account('Ann'), { [symbol]: 1, call: () => 'called' });
  Object.defineProperty(value, 'hidden', { value: 2, enumerable: false });
  const result = redacted(value, { owner: '[X]' }) as typeof value & { hidden: number };
  expect(result).toBeInstanceOf(Account);
  expect(result.greet()).toBe('Hello [X]');
  expect([result[symbol], result.call(), result.hidden]).toEqual([1, 'called', 2]);
  expect(Object.keys(result)).not.toContain('hidden');
});

test('runs no constructor and no setter, and replaces a getter that the answer names', () => {
  let runs = 0;
  class Counted {
    constructor() {
      runs++;
    }
    set owner(_: string) {
      runs++;
    }
  }
  const value = Object.defineProperty(new Counted(), 'own', { get: () => 'secret', enumerable: true, configurable: true });
  const result = redacted(value, { owner: '[X]', own: '[Y]' }) as { owner: string; own: string };
  expect(runs).toBe(1);
  expect([result.owner, result.own]).toEqual(['[X]', '[Y]']);
});

test('can set a field that is frozen in the original', () => {
  const result = redacted(Object.freeze({ a: 1, b: 2 }), { a: 3 }) as { a: number };
  result.a = 4;
  expect(result).toEqual({ a: 4, b: 2 });
});

test('a key __proto__ in the answer is data', () => {
  const answer: unknown = JSON.parse('{"__proto__":{"admin":true},"constructor":1,"a":2}');
  const result = redacted({ a: 1 }, answer) as Record<string, unknown>;
  expect(Object.getPrototypeOf(result)).toBe(Object.prototype);
  expect(result['admin']).toBeUndefined();
  expect(Object.entries(result)).toEqual([['a', 2], ['__proto__', { admin: true }], ['constructor', 1]]);
  expect(({} as Record<string, unknown>)['admin']).toBeUndefined();
});

test('an inherited field is not merged into, it is shadowed', () => {
  const parent = { settings: { secret: 1 } };
  const result = redacted(Object.create(parent), { settings: { mode: 2 } }) as typeof parent;
  expect(result.settings).toEqual({ mode: 2 });
  expect(parent).toEqual({ settings: { secret: 1 } });
});

test('keeps an object without a prototype as it is', () => {
  const result = redacted(Object.assign(Object.create(null) as object, { a: 1 }), { a: 2 }) as object;
  expect(Object.getPrototypeOf(result)).toBeNull();
  expect({ ...result }).toEqual({ a: 2 });
});

test.each<[readonly unknown[], unknown, readonly unknown[]]>([
  [['a', { b: 1, c: 2 }], ['[X]', { b: 0 }], ['[X]', { b: 0, c: 2 }]],
  [[], [], []],
  [['a'], ['[X]'], ['[X]']],
  [['a'], '[X]', ['[X]']],
  [['a'], null, [null]],
  [[{ a: 1, b: 2 }], { a: 0 }, [{ a: 0, b: 2 }]],
  [[{ a: 1, b: 2 }], [{ a: 0 }], [{ a: 0, b: 2 }]],
  [[['a', 'b']], [['[X]', 'b']], [['[X]', 'b']]],
  [[['a', 'b']], ['[X]', 'b'], [['[X]', 'b']]],
  [[['a', 'b']], ['[X]'], [['[X]']]],
  [[['a', 'b']], [], [[]]],
  [[['a', 'b']], [null], [null]],
  [[undefined], [{ a: 1 }], [{ a: 1 }]],
  [['a', 'b'], [null, 'b'], [null, 'b']],
])('arguments %j, answer %j, give %j', (args, answer, result) => {
  expect(redactArguments(args, answer)).toEqual({ ok: true, value: result });
});

test.each<[readonly unknown[], unknown, string]>([
  [['a', 'b'], ['a'], 'the arguments are 2, the redaction a list of 1'],
  [['a', 'b'], ['a', 'b', 'c'], 'the arguments are 2, the redaction a list of 3'],
  [['a', 'b'], 'a', 'the arguments are 2, the redaction one value'],
  [['a', 'b'], { 0: 'a', 1: 'b' }, 'the arguments are 2, the redaction one value'],
  [['a'], ['a', 'b'], 'the arguments are 1, the redaction a list of 2'],
  [['a'], [], 'the arguments are 1, the redaction a list of 0'],
  [[], 'a', 'the arguments are 0, the redaction one value'],
  [[], null, 'the arguments are 0, the redaction one value'],
  [[{ a: [1] }], [{ a: { b: 1 } }], 'argument 1.a is Array, its redaction Object'],
  [['a', { b: { c: 1 } }], ['a', { b: { c: { d: 1 } } }], 'argument 2.b.c is number, its redaction Object'],
])('arguments %j, answer %j, do not fit: %s', (args, answer, why) => {
  expect(redactArguments(args, answer)).toEqual({ ok: false, problem: `redaction does not fit: ${why}` });
});

test.each<[string, unknown, unknown, unknown]>([
  ['a bare value', 'a', '[X]', '[X]'],
  ['a list of one', { a: 1, b: 2 }, [{ a: 0 }], { a: 0, b: 2 }],
  ['a list of one for a text', 'a', ['[X]'], '[X]'],
  ['a list for a list', ['a', 'b'], ['[X]', 'b'], ['[X]', 'b']],
  ['a list for nothing', undefined, ['[X]'], ['[X]']],
])('the output follows the same rule: %s', (_, value, answer, result) => {
  expect(redacted(value, answer)).toEqual(result);
});

test.each<[unknown, unknown, string]>([
  [{ a: 1 }, '[X]', 'output is Object, its redaction string'],
  [{ a: 1 }, [], 'output is Object, its redaction Array'],
  [{ a: 1 }, [1, 2], 'output is Object, its redaction Array'],
  [[1], { a: 1 }, 'output is Array, its redaction Object'],
  [[1], 'x', 'output is Array, its redaction string'],
  ['x', { a: 1 }, 'output is string, its redaction Object'],
  [5, ['a', 'b'], 'output is number, its redaction Array'],
])('%j and %j do not fit', (value, answer, why) => {
  expect(problem(value, answer)).toBe(`redaction does not fit: ${why}`);
});

test('a problem names no value, and no long or forged path', () => {
  const key = `a\nb${'c'.repeat(1000)}`;
  const text = problem({ [key]: { secret: 'hunter2' } }, { [key]: ['hunter2', 'hunter2'] });
  expect(text).toMatch(/^redaction does not fit: output\.a\\nbc+… is Object, its redaction Array$/);
  expect(text.length).toBeLessThan(300);
});
