import { describe, expect, it } from 'vitest';
import { settle, sumOf } from './suites.ts';

describe('settle', () => {
  it('keeps the counts of a run', () => {
    expect(settle({ code: 0, output: 'a' }, 3, 0)).toEqual({ passed: 3, failed: 0, output: 'a' });
    expect(settle({ code: 1, output: 'a' }, 3, 2)).toEqual({ passed: 3, failed: 2, output: 'a' });
  });

  it.each([1, null])('counts one failure when no test failed but the run ended with %s', (code) => {
    expect(settle({ code, output: 'a' }, 3, 0)).toMatchObject({ passed: 3, failed: 1 });
  });

  it('counts one failure when no test ran', () => {
    expect(settle({ code: 0, output: 'a' }, 0, 0)).toEqual({ passed: 0, failed: 1, output: 'a\nNo test ran' });
  });
});

describe('sumOf', () => {
  const output = '✔ pass 9\nℹ tests 5\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\n# pass 4\n';

  it('adds up the named totals of either reporter', () => {
    expect(sumOf(output, 'pass')).toBe(7);
    expect(sumOf(output, 'fail', 'cancelled')).toBe(2);
  });

  it('is 0 when nothing ran', () => expect(sumOf('', 'pass')).toBe(0));
});
