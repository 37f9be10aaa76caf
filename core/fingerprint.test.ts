import { expect, test } from 'vitest';
import { operationFingerprint } from './fingerprint.ts';
import { CALL, testGovernor } from './test-support.ts';

const { governor } = testGovernor();
const print = (exact: readonly unknown[]): string | undefined => operationFingerprint(governor, 'started', CALL, exact)?.step;

test('the same occurrence has the same fingerprint, another stage or operation another', () => {
  expect(print([])).toBe(print([]));
  expect(operationFingerprint(governor, 'completed', CALL, [])?.step).not.toBe(print([]));
  expect(operationFingerprint(governor, 'started', { ...CALL, args: [1, 3] }, [])?.step).not.toBe(print([]));
});

test('it covers the whole body, not what Core was shown of it', () => {
  const size = 9 * 1024 * 1024;
  const bytes = (last: number): Uint8Array => new Uint8Array(size).fill(1).fill(last, size - 1);
  const text = (last: string): string => 'x'.repeat(size) + last;
  expect(print([bytes(1)]) === print([bytes(2)])).toBe(false);
  expect(print([text('a')]) === print([text('b')])).toBe(false);
});

test('where two occurrences could look the same there is none', () => {
  class Money {
    readonly #amount: number;
    constructor(amount: number) {
      this.#amount = amount;
    }
    amount(): number {
      return this.#amount;
    }
  }
  expect(print([new Money(5)])).toBeUndefined();
  expect(print([{ deep: [() => 1] }])).toBeUndefined();
  expect(operationFingerprint(governor, 'started', CALL, undefined)).toBeUndefined();
});

test.each<[string, () => unknown, 'one' | 'each']>([
  ['a value is what it is the same by', () => 'same', 'one'],
  ['undefined leaves it to the operation itself', () => undefined, 'each'],
  ['a promise does not say what it is the same by', async () => 'same', 'each'],
  ['nor does a Map', () => new Map([['same', 1]]), 'each'],
  ['nor does an error that it throws', () => { throw new Error('mine'); }, 'each'],
])('of the option fingerprint, %s', (_what, fingerprint, expected) => {
  const { governor: own } = testGovernor(undefined, { fingerprint });
  const steps = [1, 2].map((n) => operationFingerprint(own, 'started', { ...CALL, args: [n] }, [n])?.step);
  expect(steps[0] === steps[1] ? 'one' : 'each').toBe(expected);
});
