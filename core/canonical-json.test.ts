import { expect, test } from 'vitest';
import { canonicalJson } from './canonical-json.ts';

test.each([
  ['{"b":[1,{"d":2,"c":3}],"a":null}', '{ "a": null,\n "b": [1, {"c": 3, "d": 2}] }'],
  ['{"a":"x  \\" y"}', ' {"a" : "x  \\" y"} '],
  ['{"__proto__":{"a":1},"b":1}', '{"b":1,"__proto__":{"a":1}}'],
])('%s says what %s says', (one, other) => {
  expect(canonicalJson(one)).toBeDefined();
  expect(canonicalJson(one)).toBe(canonicalJson(other));
});

test.each([
  ['[1,2]', '[2,1]'],
  ['{"a":"x  y"}', '{"a":"x y"}'],
  ['{"a":1}', '{"a":"1"}'],
  ['{"__proto__":1}', '{}'],
])('%s does not say what %s says', (one, other) => {
  expect(canonicalJson(one)).not.toBe(canonicalJson(other));
});

test.each(['', '{', '{"a":1,"a":2}', '{"id":9007199254740993}', '1e2', '"\\u0041"', '['.repeat(1e5)])('%j has no other form than its own', (text) => {
  expect(canonicalJson(text)).toBeUndefined();
});
