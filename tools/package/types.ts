import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { run } from '../command.ts';
import { ENTRIES, specifierOf } from '../entries.ts';
import { runtimePath } from '../pinned-runtimes.ts';
import { installed } from './consumer.ts';

/** How a consumer compiles. */
interface Compilation {
  readonly file: string;
  readonly options: ts.CompilerOptions;
}

const { ModuleKind, ModuleResolutionKind } = ts;
const nodeNext = { module: ModuleKind.NodeNext, moduleResolution: ModuleResolutionKind.NodeNext };
const node16 = { module: ModuleKind.Node16, moduleResolution: ModuleResolutionKind.Node16 };

const MODULES: Readonly<Record<string, Compilation>> = {
  'nodenext, ESM': { file: 'types.mts', options: nodeNext },
  'nodenext, CommonJS': { file: 'types.cts', options: nodeNext },
  'node16, CommonJS': { file: 'types.cts', options: node16 },
  bundler: { file: 'types.ts', options: { module: ModuleKind.ESNext, moduleResolution: ModuleResolutionKind.Bundler } },
};

/** What a consumer's compiler knows of the world, and the entries that need no more. */
interface Library {
  readonly options: ts.CompilerOptions;
  readonly entries: readonly string[];
  /** Declared by the consumer. */
  readonly globals?: string;
}

const LIBRARIES: Readonly<Record<string, Library>> = {
  'with @types/node': { options: { types: ['node'], lib: ['lib.es2022.d.ts'] }, entries: Object.keys(ENTRIES) },
  // All that our declarations take from outside; the types of every runtime and of the web have it.
  'with AbortSignal alone': {
    options: { types: [], lib: ['lib.es2022.d.ts'] },
    entries: Object.keys(ENTRIES).filter((key) => ENTRIES[key]?.nodeTypes !== true),
    globals: 'declare global { interface AbortSignal {} interface AbortController {} }',
  },
};

/** Names every export that the entries show, so that each is resolved and checked. */
const text = (entries: readonly string[]): string =>
  entries
    .map((key, index) => {
      const name = ENTRIES[key]?.shows;
      return name === undefined
        ? `import '${specifierOf(key)}';`
        : `import { ${name} as shown${index} } from '${specifierOf(key)}'; export const is${index}: object = shown${index};`;
    })
    .join('\n');

/** Compiles a consumer in every way, checking our declarations too; returns the errors that stand in our files or in the consumer's. */
export function typeProblems(folder: string): string[] {
  return Object.entries(LIBRARIES).flatMap(([library, { options, entries, globals = '' }]) =>
    Object.entries(MODULES).flatMap(([modules, compilation]) => {
      const path = join(folder, compilation.file);
      writeFileSync(path, `${text(entries)}\n${globals}\n`);
      return errorsOf(path, folder, { ...options, ...compilation.options }).map((error) => `${modules} ${library}: ${error}`);
    }),
  );
}

/** What Deno's own check finds; it takes our declarations by its condition. */
export async function denoTypeProblems(folder: string): Promise<string[]> {
  writeFileSync(join(folder, 'types-deno.ts'), text(Object.keys(ENTRIES)));
  const { code, output } = await run(await runtimePath('deno'), ['check', '--no-lock', 'types-deno.ts'], { cwd: folder });
  return code === 0 ? [] : [output];
}

/** Every program reads the same declarations. */
const read = new Map<string, ts.SourceFile | undefined>();

function errorsOf(path: string, folder: string, options: ts.CompilerOptions): string[] {
  const all: ts.CompilerOptions = { ...options, strict: true, noEmit: true, target: ts.ScriptTarget.ES2022, skipLibCheck: false, noUncheckedSideEffectImports: true };
  const plain = ts.createCompilerHost(all);
  const host: ts.CompilerHost = {
    ...plain,
    getSourceFile: (name, how, ...rest) => {
      if (name === path) return plain.getSourceFile(name, how, ...rest);
      const key = `${name} ${typeof how === 'object' ? how.impliedNodeFormat : ''}`;
      if (!read.has(key)) read.set(key, plain.getSourceFile(name, how, ...rest));
      return read.get(key);
    },
  };
  const program = ts.createProgram([path], { ...all, typeRoots: [join(folder, 'node_modules', '@types')] }, host);
  const ours = installed(folder);
  const files = program.getSourceFiles().filter(({ fileName }) => fileName === path || fileName.startsWith(ours));
  return files
    .flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)])
    .concat(program.getOptionsDiagnostics(), program.getGlobalDiagnostics())
    .map(({ file, start = 0, messageText }) => {
      const place = file === undefined ? '' : `${file.fileName.replace(folder, '')}:${file.getLineAndCharacterOfPosition(start).line + 1} `;
      return `${place}${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
    });
}
