import { describe, expect, it } from 'vitest';
import { formatJson, isCompact, parseJson } from './json.ts';

describe('parseJson', () => {
  it.each([
    '{}',
    '[]',
    ' [ 1 , 2 ] ',
    '\t\r\n"x"\n',
    '{"a":{"b":[true,false,null,-1.5e-3,0,"\\u00e9\\"\\\\"]}}',
    '{"__proto__":1,"toString":2}',
    '1E400',
  ])('reads %j as JSON.parse does', (text) => {
    expect(parseJson(text)).toEqual(JSON.parse(text));
  });

  it('keeps every digit of an integer beyond 2^53, and makes a number of everything else', () => {
    expect(parseJson('[1772971200000000001,-9007199254740993,9007199254740991,1772971200000000001.0,1e20]')).toEqual([
      1772971200000000001n,
      -9007199254740993n,
      9007199254740991,
      Number('1772971200000000001'),
      1e20,
    ]);
  });

  it('takes __proto__ for a field like any other', () => {
    const read = parseJson('{"__proto__":{"polluted":1}}') as object;
    expect(Object.keys(read)).toEqual(['__proto__']);
    expect('polluted' in read).toBe(false);
  });

  it.each([
    '', ' ', '{', '[1,]', '{"a":1,}', '{a:1}', "'x'", '01', '+1', '.5', 'NaN', 'Infinity', 'undefined', 'True', '"x', '[1 2]',
    '{"a" 1}', '1 2', '"\n"',
  ])('refuses %j, as JSON.parse does', (text) => {
    expect(() => JSON.parse(text)).toThrow(SyntaxError);
    expect(() => parseJson(text)).toThrow(SyntaxError);
  });

  it('refuses a key that stands twice, wherever it is', () => {
    expect(() => parseJson('[{"a":{"b":1,"b":1}}]')).toThrow('The key "b" stands twice in one object');
    expect(parseJson('[{"b":1},{"b":1}]')).toEqual([{ b: 1 }, { b: 1 }]);
  });

  it('says where it stopped', () => {
    expect(() => parseJson('{"a": nope}')).toThrow('Unexpected "nope}" at character 6');
    expect(() => parseJson('[1')).toThrow('Unexpected end of JSON');
  });
});

describe('formatJson', () => {
  it('writes what JSON.stringify writes', () => {
    const value = { a: [1, 'x"', null, undefined, true, { b: undefined, c: Number.NaN }], 'd e': '\u2028' };
    expect(formatJson(value)).toBe(JSON.stringify(value));
    expect(formatJson(undefined)).toBe('null');
  });

  it('writes a bigint as digits, and reads it back', () => {
    const value = { start_time: 1772971200000000001n };
    expect(formatJson(value)).toBe('{"start_time":1772971200000000001}');
    expect(parseJson(formatJson(value))).toEqual(value);
  });
});

describe('isCompact', () => {
  it.each([
    ['{"a":[1,"b c\\" d"]}', true],
    ['', true],
    ['{"a": 1}', false],
    ['{"a":1}\n', false],
    ['[1,\t2]', false],
    ['["a" ]', false],
  ])('%j: %s', (text, compact) => {
    expect(isCompact(text)).toBe(compact);
  });
});
