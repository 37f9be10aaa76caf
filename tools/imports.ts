import { posix } from 'node:path';
import ts from 'typescript';
import type { Sources } from './sources.ts';

/** One import of a module, however it is written. */
export type Import = {
  /** Path in the repository for a relative specifier, else the specifier itself (`node:fs`, `@temporalio/client`). */
  target: string;
  /** Whether nothing of it is left at run time. */
  typeOnly: boolean;
};

/** An import as it is written. */
type Found = { specifier: string; typeOnly: boolean };

/** Parses a source file. */
export function parse(path: string, text: string): ts.SourceFile {
  return ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
}

/** Every node of a tree, outer ones first. */
export function* nodesOf(node: ts.Node): Generator<ts.Node> {
  yield node;
  for (const child of childrenOf(node)) yield* nodesOf(child);
}

function childrenOf(node: ts.Node): ts.Node[] {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  return children;
}

const textOf = (node: ts.Node | undefined): string | undefined =>
  node !== undefined && ts.isStringLiteralLike(node) ? node.text : undefined;

function loads(call: ts.CallExpression): boolean {
  const { expression } = call;
  if (expression.kind === ts.SyntaxKind.ImportKeyword) return true;
  const name = ts.isPropertyAccessExpression(expression) ? expression.expression : expression;
  return ts.isIdentifier(name) && name.text === 'require';
}

/** The specifier that a node imports, if it is an import. A computed one is shown as its source text, so no room allows it. */
function importOf(node: ts.Node): Found | undefined {
  if (ts.isImportDeclaration(node)) {
    // `import { type A }` still loads its module under verbatimModuleSyntax; `import type { A }` does not.
    return { specifier: textOf(node.moduleSpecifier) ?? '', typeOnly: node.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword };
  }
  if (ts.isExportDeclaration(node) && node.moduleSpecifier !== undefined) {
    return { specifier: textOf(node.moduleSpecifier) ?? '', typeOnly: node.isTypeOnly };
  }
  if (ts.isImportEqualsDeclaration(node) && ts.isExternalModuleReference(node.moduleReference)) {
    return { specifier: textOf(node.moduleReference.expression) ?? '', typeOnly: node.isTypeOnly };
  }
  if (ts.isImportTypeNode(node)) {
    return { specifier: ts.isLiteralTypeNode(node.argument) ? (textOf(node.argument.literal) ?? '') : '', typeOnly: true };
  }
  if (ts.isCallExpression(node) && loads(node)) {
    const [argument] = node.arguments;
    return { specifier: textOf(argument) ?? argument?.getText() ?? '', typeOnly: false };
  }
  return undefined;
}

/** All imports of a file: static, dynamic, re-exports, `require`, import types, and `/// <reference types>`. */
export function importsOf(path: string, text: string): Import[] {
  const file = parse(path, text);
  const found = [...nodesOf(file)].map(importOf).filter((one) => one !== undefined);
  const references = file.typeReferenceDirectives.map(({ fileName }) => ({ specifier: fileName, typeOnly: true }));
  return [...found, ...references].map(({ specifier, typeOnly }) => ({
    target: specifier.startsWith('.') ? posix.join(posix.dirname(path), specifier) : specifier,
    typeOnly,
  }));
}

/** Imports of each file. */
export type ImportGraph = ReadonlyMap<string, readonly Import[]>;

/** The import graph of sources. */
export function importGraph(sources: Sources): ImportGraph {
  return new Map([...sources].map(([path, text]) => [path, importsOf(path, text)]));
}

const runTime = (graph: ImportGraph, path: string): string[] =>
  (graph.get(path) ?? []).filter(({ typeOnly }) => !typeOnly).map(({ target }) => target);

/** All that loads when the entry does: files of the repository and packages, the entry included. */
export function reachedFrom(graph: ImportGraph, entry: string): Set<string> {
  const reached = new Set([entry]);
  // A set grows while it is walked, and hands out each member once.
  for (const path of reached) for (const target of runTime(graph, path)) reached.add(target);
  return reached;
}

/** Circles of imports at run time, each as its path (`a.ts → b.ts → a.ts`). Imports of types may form circles. */
export function cycles(graph: ImportGraph): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) return void found.push([...trail.slice(start), path].join(' → '));
    if (done.has(path)) return;
    for (const target of runTime(graph, path)) visit(target, [...trail, path]);
    done.add(path);
  };
  for (const path of graph.keys()) visit(path, []);
  return found;
}
