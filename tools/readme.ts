import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { root } from './command.ts';
import { coveragePage, coverageSummary } from './coverage-page.ts';
import { table } from './markdown.ts';

const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const parse = (path: string): ts.SourceFile => ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);

/** What stands between `<!-- name argument -->` and `<!-- /name -->`, each made from the code it speaks of. */
const REGIONS: Readonly<Record<string, (argument: string) => string>> = {
  example: (path) => `\`\`\`ts\n// ${path}\n${read(path).trim()}\n\`\`\``,
  options: () => table(['option', 'default', 'what it does'], optionRows()),
  errors: () => table(['class', '`code`', 'when'], errorRows()),
  coverage: coverageSummary,
};

/** The text with every region as the code has it now. */
export function withRegions(text: string): string {
  return text.replaceAll(/<!-- (\w+)(?: (\S+))? -->\n[^]*?<!-- \/\1 -->/g, (region, name: string, argument = '') => {
    const render = REGIONS[name];
    if (render === undefined) throw new Error(`Unknown region "${name}": expected one of ${Object.keys(REGIONS).join(', ')}`);
    return `${region.slice(0, region.indexOf('\n'))}\n${render(String(argument))}\n<!-- /${name} -->`;
  });
}

function optionRows(): string[][] {
  const rows: string[][] = [];
  parse('core/config-options.ts').forEachChild((node) => {
    if (!ts.isInterfaceDeclaration(node)) return;
    for (const member of node.members) {
      const fallback = ts.getJSDocTags(member).find(({ tagName }) => tagName.text === 'default');
      const value = ts.getTextOfJSDocComment(fallback?.comment);
      rows.push([`\`${member.name?.getText()}\``, value === undefined ? '' : `\`${value}\``, docOf(member)]);
    }
  });
  return rows;
}

function errorRows(): string[][] {
  const rows: string[][] = [];
  parse('core/errors.ts').forEachChild((node) => {
    if (!ts.isClassDeclaration(node)) return;
    const code = /'(OPENBOX_\w+)'/.exec(node.members.find((member) => member.name?.getText() === 'code')?.getText() ?? '')?.[1];
    rows.push([`\`${node.name?.text}\``, code === undefined ? '' : `\`${code}\``, docOf(node)]);
  });
  return rows;
}

function docOf(node: ts.Node): string {
  const doc = ts.getJSDocCommentsAndTags(node).find(ts.isJSDoc);
  return (ts.getTextOfJSDocComment(doc?.comment) ?? '').replaceAll(/\s+/g, ' ');
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  writeFileSync(join(root, 'README.md'), withRegions(read('README.md')));
  writeFileSync(join(root, 'docs/coverage.md'), coveragePage());
}
