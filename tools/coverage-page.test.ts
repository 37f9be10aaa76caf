import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { coveragePage } from './coverage-page.ts';

test('docs/coverage.md says what the tables have: `npm run docs` writes it', () => {
  expect(readFileSync(new URL('../docs/coverage.md', import.meta.url), 'utf8')).toBe(coveragePage());
});
