import ts from 'typescript';
import { cycles, importGraph, nodesOf, parse, type Import } from './imports.ts';
import type { Sources } from './sources.ts';

/** What the files under a path may import: starts of paths and of package names. */
type Room = { at: string; imports: readonly string[]; types?: readonly string[] };

const runtimes = ['node', 'bun', 'deno', 'edge'];
const shared = ['bindings/adapters/', 'bindings/drivers/', 'bindings/temporal/', 'core/'];

/** The rooms of the repository. The longest `at` that fits decides; a file without a room may not exist. */
const rooms: readonly Room[] = [
  { at: 'core/', imports: ['core/'] },
  { at: 'bindings/adapters/', imports: ['bindings/adapters/', 'core/'], types: ['node:'] },
  { at: 'bindings/drivers/', imports: ['bindings/drivers/', 'bindings/adapters/wrap.ts', 'core/'] },
  { at: 'bindings/temporal/', imports: ['bindings/temporal/', 'core/', '@temporalio/', 'node:'] },
  // Bundled into the workflow sandbox, which has no modules of Node's.
  { at: 'bindings/temporal/workflow/', imports: ['bindings/temporal/workflow/', 'core/', '@temporalio/workflow', '@temporalio/common'] },
  ...runtimes.flatMap((runtime) => {
    const imports = [`bindings/${runtime}/`, ...shared, 'node:', 'undici'];
    return [
      { at: `bindings/${runtime}/`, imports },
      // Only this entry needs Temporal: the others work without its packages installed.
      { at: `bindings/${runtime}/temporal.ts`, imports: [...imports, '@temporalio/'] },
    ];
  }),
  { at: 'conformance/', imports: ['conformance/', 'core/', 'node:'] },
  { at: 'conformance/cases/', imports: ['conformance/', 'core/', 'node:assert/strict'] },
  { at: 'conformance/runners/', imports: ['conformance/', 'core/', 'bindings/', 'node:', 'bun:test'] },
  { at: 'conformance/bench/', imports: ['conformance/', 'core/', 'bindings/'] },
  { at: 'conformance/vectors/', imports: ['conformance/', 'core/', 'bindings/', 'node:', '@temporalio/', 'pg'] },
  // Bundled into the workflow sandbox, which has no modules of Node's.
  { at: 'conformance/vectors/workflows.ts', imports: ['@temporalio/workflow'] },
  { at: 'docs/', imports: ['docs/', 'tools/temporal-server.ts', '@openbox-ai/', '@temporalio/', 'node:'] },
  { at: 'tools/', imports: [''] },
  { at: 'vitest.config.ts', imports: ['vitest/config', 'node:'] },
];

const startsWithOne = (text: string, starts: readonly string[]): boolean => starts.some((start) => text.startsWith(start));

// A test may import what it needs to be a test.
const isTest = (path: string): boolean => /\.test\.ts$|(?:^|[/.])test-support\.ts$/.test(path);
const isShipped = (path: string): boolean => startsWithOne(path, ['core/', 'bindings/', 'conformance/']) && !isTest(path);

function roomOf(path: string): Room | undefined {
  return rooms.filter(({ at }) => path.startsWith(at)).toSorted((a, b) => b.at.length - a.at.length)[0];
}

const allowed = ({ imports, types = [] }: Room, { target, typeOnly }: Import): boolean =>
  startsWithOne(target, imports) || (typeOnly && startsWithOne(target, types));

/** Imports that the room of their file does not allow, and files without a room. */
export function strayImports(sources: Sources): string[] {
  return [...importGraph(sources)]
    .filter(([path]) => !isTest(path))
    .flatMap(([path, imports]) => {
      const room = roomOf(path);
      if (room === undefined) return [`${path} stands in no room of tools/architecture.ts`];
      return imports.filter((one) => !allowed(room, one)).map(({ target }) => `${path} imports ${target}: "${room.at}" may not`);
    });
}

/** Shipped code that imports a file made for tests. */
export function testSupportInShipped(sources: Sources): string[] {
  return [...importGraph(sources)]
    .filter(([path]) => isShipped(path))
    .flatMap(([path, imports]) => imports.filter(({ target }) => isTest(target)).map(({ target }) => `${path} imports ${target}`));
}

/** Circles of imports at run time in core and the bindings. */
export function importCycles(sources: Sources): string[] {
  return cycles(importGraph(new Map([...sources].filter(([path]) => startsWithOne(path, ['core/', 'bindings/'])))));
}

const runtimeGlobals = new Set([
  'Buffer', 'Bun', 'Deno', 'NodeJS', '__dirname', '__filename', 'clearImmediate', 'global', 'process', 'require', 'setImmediate',
]);

/** Whether an identifier is the name of a member (`run.process`, `{ process: 1 }`), not of a variable. */
function namesMember(node: ts.Identifier): boolean {
  const { parent } = node;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node && parent.expression.getText() !== 'globalThis';
  if (ts.isQualifiedName(parent)) return parent.right === node;
  if (ts.isBindingElement(parent)) return parent.propertyName === node;
  const named = ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent) || ts.isPropertyDeclaration(parent);
  return (named || ts.isMethodSignature(parent) || ts.isMethodDeclaration(parent)) && parent.name === node;
}

/** The name by which a node reaches for a global: a variable's, or the key in `globalThis['process']`. */
function globalName(node: ts.Node): string | undefined {
  if (ts.isIdentifier(node)) return namesMember(node) ? undefined : node.text;
  const key = ts.isElementAccessExpression(node) && node.expression.getText() === 'globalThis' ? node.argumentExpression : undefined;
  return key !== undefined && ts.isStringLiteralLike(key) ? key.text : undefined;
}

/** Names of one runtime's globals in core. */
export function runtimeGlobalsInCore(sources: Sources): string[] {
  return [...sources]
    .filter(([path]) => path.startsWith('core/') && !isTest(path))
    .flatMap(([path, text]) => {
      const names = [...nodesOf(parse(path, text))].map(globalName).filter((name) => name !== undefined && runtimeGlobals.has(name));
      return [...new Set(names)].map((name) => `${path} names ${name}`);
    });
}

/** Tests that stand beside no source: `a.test.ts` and `a.aspect.test.ts` belong to `a.ts` (or `a.mjs`). */
export function testsWithoutSource(sources: Sources): string[] {
  const hasSource = (path: string): boolean => {
    const source = path.replace(/(?:\.[^./]+)?\.test\.ts$/, '');
    const whole = path.replace(/\.test\.ts$/, '');
    return [source, whole].some((stem) => sources.has(`${stem}.ts`) || sources.has(`${stem}.mjs`));
  };
  return [...sources.keys()].filter((path) => path.endsWith('.test.ts') && !hasSource(path));
}

const agreed = new Set([
  '.ci', '.editorconfig', '.gitignore', '.npmrc', '.oxlintrc.json', 'CHANGELOG.md', 'LICENSE', 'README.md', 'bindings', 'conformance',
  'core', 'docs', 'jsr.json', 'package-lock.json', 'package.json', 'tools', 'tsconfig.build.json', 'tsconfig.json', 'vitest.config.ts',
]);

/** Names at the top level of the repository that nobody agreed on. */
export function strangers(names: readonly string[]): string[] {
  return names.filter((name) => !agreed.has(name));
}
