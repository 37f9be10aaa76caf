import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { withRegions } from './readme.ts';

const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');

test('README says what the code has: `npm run docs` writes it', () => {
  expect(withRegions(readme)).toBe(readme);
});

test('a stale region is found', () => {
  const stale = '<!-- errors -->\nnone\n<!-- /errors -->';
  expect(withRegions(stale)).toContain('`GovernanceBlockedError`');
  expect(() => withRegions('<!-- weather -->\n<!-- /weather -->')).toThrow('weather');
});

test('every region of README is there', () => {
  const names = [...readme.matchAll(/<!-- \/(\w+) -->/g)].map(([, name]) => name);
  expect(names).toEqual([...Array.from({ length: 10 }, () => 'example'), 'options', 'errors', 'coverage']);
});
