import { readFileSync } from 'node:fs';
import ts from 'typescript';
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

test('an option that takes one of a few words has all of them in its row', () => {
  const words: Record<string, string[]> = {};
  const path = new URL('../core/config-options.ts', import.meta.url);
  ts.createSourceFile('options.ts', readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true).forEachChild((node) => {
    if (!ts.isInterfaceDeclaration(node)) return;
    for (const member of node.members.filter(ts.isPropertySignature)) words[member.name.getText()] = member.type?.getText().match(/'\w+'/g) ?? [];
  });
  expect(words).toMatchObject({ onApprovalExpired: ["'fail'", "'halt'"], unattributed: ["'allow'", "'report'", "'deny'"] });
  for (const [option, values] of Object.entries(words)) {
    const row = readme.split('\n').find((line) => line.startsWith(`| \`${option}\` |`))?.split('|').at(-2);
    for (const value of values) expect(row, option).toContain(`\`${value}\``);
  }
});
