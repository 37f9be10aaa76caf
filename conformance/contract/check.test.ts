import { describe, expect, it } from 'vitest';
import { check } from './check.ts';
import {
  anyText, count, entry, equals, flag, integer, type Kind, list, listOf, matching, nothing, number, object, oneOf, open,
  optional, orNull, recordOf, type Relation, secret, text, textUpTo,
} from './kinds.ts';

const NUMBERED = integer(1, 3);

describe('a kind', () => {
  it.each<[string, Kind, readonly unknown[], readonly unknown[]]>([
    ['nothing', nothing, [null], [undefined, 0, '', false]],
    ['anyText', anyText, ['', 'x'], [null, 1]],
    ['text', text, ['x'], ['', null]],
    ['list', list, [[]], [{}, 'x', null]],
    ['flag', flag, [true, false], ['true', 0, null]],
    ['number', number, [0, -1.5], ['1', null, 1n]],
    ['count', count, [0, 7], [-1, 1.5, '1', 2 ** 53, 1n]],
    ['integer', NUMBERED, [1, 3], [0, 4, 2.5]],
    ['equals', equals('a'), ['a'], ['b', null]],
    ['oneOf', oneOf(['a', 'b']), ['a', 'b'], ['c', null]],
    ['matching', matching(/^a+$/, 'as'), ['aa'], ['b', null]],
    ['textUpTo', textUpTo(2), ['', 'ab'], ['abc', null]],
    ['listOf', listOf(count, 'one count', (items) => items.length === 1), [[1]], [[], [1, 2], ['x'], null]],
    ['recordOf', recordOf(count), [{}, { any: 1 }], [{ any: 'x' }, [], null]],
    ['orNull', orNull(count), [null, 1], ['x', undefined]],
    ['object', object({ a: count }), [{ a: 1 }], [{}, { a: 'x' }, { a: 1, b: 1 }, [], null]],
    ['optional field', object({ a: optional(count) }), [{}, { a: 1 }], [{ a: null }]],
    ['open object', open(object({ a: count })), [{ a: 1, b: 1 }], [{ b: 1 }]],
  ])('%s', (_, kind, good, bad) => {
    for (const value of good) expect(check(kind, value), String(value)).toEqual([]);
    for (const value of bad) expect(check(kind, value), String(value)).toHaveLength(1);
  });
});

describe('check', () => {
  it('says where, what was expected and what was found', () => {
    const kind = object({ a: listOf(object({ b: count })) });
    expect(check(kind, { a: [{ b: 1 }, { b: 'x' }, {}, { b: 1, c: 1 }] })).toEqual([
      { field: 'a[1].b', problem: 'Expected an integer of 0 or more, got "x"' },
      { field: 'a[2].b', problem: 'Missing; expected an integer of 0 or more' },
      { field: 'a[3].c', problem: 'Unknown field; known here: b' },
    ]);
    expect(check(kind, null)).toEqual([{ field: 'body', problem: 'Expected an object, got null' }]);
    expect(check(kind, undefined)).toEqual([{ field: 'body', problem: 'Expected an object, got nothing' }]);
  });

  it('never shows a secret, and cuts what is long', () => {
    expect(JSON.stringify(check(object({ a: secret(equals('x')) }), { a: 'hunter2' }))).not.toContain('hunter2');
    expect(check(nothing, 'x'.repeat(1000))[0]?.problem.length).toBeLessThan(120);
  });

  it('asks relations only where the fields are fine', () => {
    const sorted: Relation = {
      field: 'b',
      problem: 'Expected at least a',
      holds: (value) => Number(value['b']) >= Number(value['a']),
    };
    const kind = object({ a: count, b: count }, [sorted]);
    expect(check(kind, { a: 1, b: 2 })).toEqual([]);
    expect(check(kind, { a: 2, b: 1 })).toEqual([{ field: 'b', problem: 'Expected at least a' }]);
    expect(check(kind, { a: 2, b: null })).toEqual([{ field: 'b', problem: 'Expected an integer of 0 or more, got null' }]);
  });
});

describe('entry', () => {
  it('finds own entries only', () => {
    expect(entry({ a: 1 }, 'a')).toBe(1);
    for (const name of ['b', '__proto__', 'toString', 1, undefined]) expect(entry({ a: 1 }, name)).toBeUndefined();
  });
});
