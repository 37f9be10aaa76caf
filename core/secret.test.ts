import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { API_KEY, maskKeys, secret } from './secret.ts';

const KEY = 'obx_live_abcDEF_123';

const asText = (value: unknown): string => String(value);

test('reveals the text to reveal() only', () => {
  expect(secret(KEY).reveal()).toBe(KEY);
});

test.each<[string, (value: object) => string]>([
  ['String', asText],
  ['a template', (value) => `Key: ${value as unknown as string}`],
  ['JSON', (value) => JSON.stringify({ value })],
  ['inspect', (value) => inspect(value)],
  ['inspect with hidden fields', (value) => inspect({ value }, { showHidden: true, depth: 9 })],
  ['inspect by fields', (value) => inspect(value, { customInspect: false, showHidden: true, depth: 9, getters: true })],
  ["Deno's inspect", (value) => (value as Record<symbol, () => string>)[Symbol.for('Deno.customInspect')]!()],
  ['an error', (value) => inspect(new Error('Failed', { cause: value }))],
  ['a spread', (value) => inspect({ ...value })],
  ['its keys', (value) => inspect(Object.entries(value))],
  ['its fields', (value) => inspect(Object.getOwnPropertyDescriptors(value), { depth: 9 })],
])('is not shown by %s', (_, show) => {
  for (const text of [KEY, 'correct horse battery']) {
    const output = show(secret(text));
    expect(output).not.toContain(text);
    expect(output).not.toContain('abcDEF');
    expect(output).not.toContain('horse');
  }
});

test('an API key says which kind it is, another secret nothing', () => {
  expect(asText(secret('obx_live_abc'))).toBe('obx_live_…');
  expect(JSON.stringify({ key: secret('obx_test_abc') })).toBe('{"key":"obx_test_…"}');
  expect(asText(secret('obx_live_abc and more'))).toBe('[REDACTED]');
});

test('can neither be changed nor extended', () => {
  const value = secret(KEY) as unknown as Record<string, unknown>;
  expect(() => (value['reveal'] = () => 'other')).toThrow(TypeError);
  expect(() => (value['more'] = 1)).toThrow(TypeError);
  expect(() => structuredClone(value)).not.toThrow();
  expect(structuredClone(value)).toEqual({});
});

test.each(['obx_live_a', 'obx_test_A1_b'])('%s is an API key', (key) => {
  expect(API_KEY.test(key)).toBe(true);
});

test.each(['', 'obx_live_', 'obx_prod_a', 'OBX_live_a', ' obx_live_a', 'obx_live_a ', 'obx_live_a\n', 'obx_live_a-b', 'xobx_live_a'])(
  '%j is no API key',
  (key) => {
    expect(API_KEY.test(key)).toBe(false);
  },
);

test('masks every key in a text, whatever its case', () => {
  expect(maskKeys('Bearer obx_live_abc, then OBX_TEST_x_9/obx_live_é')).toBe('Bearer obx_live_…, then OBX_TEST_…/obx_live_é');
  expect(maskKeys('no key here: obx_live_')).toBe('no key here: obx_live_');
});
