import { describe, expect, it } from 'vitest';
import { settle, sumOf, testsOf } from './suites.ts';

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

  it('reads what each runtime prints', () => {
    expect(sumOf(' 65 pass\n 2 fail\nRan 67 tests across 1 file. [3.04s]\n', 'pass')).toBe(65);
    expect(sumOf(' 65 pass\n 2 fail\n', 'fail')).toBe(2);
    expect(sumOf('FAILED | 61 passed | 2 failed (3s)\n', 'pass')).toBe(61);
    expect(sumOf('ok | 61 passed | 0 failed (3s)\n', 'fail')).toBe(0);
    expect(sumOf('ok | 61 passed | 7 failed (3s)\n', 'fail')).toBe(7);
  });

  it('is 0 when nothing ran', () => expect(sumOf('', 'pass')).toBe(0));
});

describe('testsOf', () => {
  it('reads the summary of Vitest', () => {
    expect(testsOf(' Test Files  2 failed | 1 passed (3)\n      Tests  2 failed | 31 passed (33)\n')).toEqual([31, 2]);
    expect(testsOf('      Tests  250 passed (250)\n')).toEqual([250, 0]);
  });

  it('is 0 when nothing ran', () => expect(testsOf('No test files found')).toEqual([0, 0]));
});
