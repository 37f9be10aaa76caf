import { expect, test } from 'vitest';
import { refuseOtherRuntime, runtimeHere } from './runtime-here.ts';

test.each([
  [{ node: '20.20.2' }, 'node'],
  [{ node: '26.3.0', bun: '1.4.5' }, 'bun'],
  [{ node: '26.3.0', deno: '2.9.6' }, 'deno'],
])('%j is %s', (versions, name) => expect(runtimeHere(versions)).toBe(name));

test('a binding that is started in another runtime says which one to use', () => {
  expect(() => refuseOtherRuntime('node', { node: '26.3.0', bun: '1.4.5' })).toThrow(
    'This is the binding for node and the process is bun: import the package by its name alone, or "@openbox-ai/temporal-sdk/bun"',
  );
  expect(() => refuseOtherRuntime('bun', { node: '26.3.0', bun: '1.4.5' })).not.toThrow();
});
