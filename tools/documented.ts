import { join } from 'node:path';
import ts from 'typescript';
import { root } from './command.ts';
import { ENTRIES } from './entries.ts';

/** The exports of a source file by name; what is handed on is followed to where it stands. */
export type Exports = ReadonlyMap<string, ts.Symbol>;

/** A compiled program and the exports of its files. */
export interface Program {
  readonly checker: ts.TypeChecker;
  exportsOf(path: string): Exports;
  textOf(path: string): string;
}

/** Every source that an entry leads to, as its path in the repository. */
export const entrySources: readonly string[] = [
  ...new Set(Object.values(ENTRIES).flatMap((entry) => [...Object.values(entry.conditions ?? {}), entry.default].map((source) => `${source}.ts`))),
];

/** Reads files (their paths, from the repository) with all that they import of it; `texts` stand in for files on disk. */
export function openProgram(paths: readonly string[], texts: Readonly<Record<string, string>> = {}): Program {
  // Names and comments are wanted, no types: neither libraries nor packages are read.
  const options: ts.CompilerOptions = { noLib: true, types: [], allowImportingTsExtensions: true, moduleResolution: ts.ModuleResolutionKind.Bundler, module: ts.ModuleKind.ESNext };
  const plain = ts.createCompilerHost(options);
  const textOf = (path: string): string | undefined => texts[path.slice(root.length)];
  const host: ts.CompilerHost = {
    ...plain,
    fileExists: (path) => textOf(path) !== undefined || (!path.includes('/node_modules/') && plain.fileExists(path)),
    readFile: (path) => textOf(path) ?? plain.readFile(path),
    getSourceFile: (path, how) => ts.createSourceFile(path, textOf(path) ?? plain.readFile(path) ?? '', how),
  };
  const program = ts.createProgram(paths.map((path) => join(root, path)), options, host);
  const checker = program.getTypeChecker();
  return {
    checker,
    textOf: (path) => program.getSourceFile(join(root, path))?.text ?? '',
    exportsOf(path) {
      const file = program.getSourceFile(join(root, path));
      const module = file && checker.getSymbolAtLocation(file);
      if (module === undefined) throw new Error(`${path} is no module`);
      const symbols = checker.getExportsOfModule(module);
      return new Map(symbols.map((each) => [each.name, each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each]));
    },
  };
}

const isDocumented = (symbol: ts.Symbol, checker: ts.TypeChecker): boolean =>
  symbol.getDocumentationComment(checker).some(({ text }) => text.trim() !== '');

/** Exports without a comment that says what they are. */
export function undocumented({ checker, exportsOf }: Program, paths: readonly string[]): string[] {
  return paths.flatMap((path) =>
    [...exportsOf(path)].filter(([, symbol]) => !isDocumented(symbol, checker)).map(([name]) => `${path} exports ${name} without a comment`),
  );
}

/** Files whose first comment does not say what the entry is (`@module`). */
export function withoutModuleComment({ textOf }: Program, paths: readonly string[]): string[] {
  return paths.filter((path) => !/^\/\*\*[^]*?@module[^]*?\*\//.test(textOf(path))).map((path) => `${path} has no comment with @module at its top`);
}

/** Names that one of several entries exports and another does not. */
export function drift({ exportsOf }: Program, paths: readonly string[], own: RegExp): string[] {
  const names = paths.map((path) => [path, new Set([...exportsOf(path).keys()].filter((name) => !own.test(name)))] as const);
  const all = new Set(names.flatMap(([, exported]) => [...exported]));
  return names.flatMap(([path, exported]) => [...all].filter((name) => !exported.has(name)).map((name) => `${path} does not export ${name}`));
}
