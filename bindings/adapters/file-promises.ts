import { readWhole, writeWhole } from './file-content.ts';
import { modeOf } from './file-flags.ts';
import { createHandles, type Handles } from './file-handle.ts';
import type { FileHandle, FileModule } from './file-module.ts';
import { copyOptions, type FileAct, isOptions, plain } from './file-operation.ts';
import { copyPath, isSkipped, realPathOf } from './file-paths.ts';
import type { Call, Patches } from './wrap.ts';

/** How a function that takes paths is governed. */
interface PathFunction {
  /** How many of the leading arguments are paths. */
  readonly paths: 1 | 2;
  /** Whether it works on what a link leads to, rather than on the link. */
  readonly follows: boolean;
  /** Which of the arguments after the paths are options. */
  readonly options?: number;
  /** The flags it opens the file with. */
  readonly flags?: (options: unknown) => unknown;
  readonly act: (handles: Handles) => FileAct;
}

const flagOr =
  (fallback: string) =>
  (options: unknown): unknown =>
    (isOptions(options) ? options['flag'] : undefined) ?? fallback;

const FUNCTIONS: Readonly<Record<string, PathFunction>> = {
  readFile: { paths: 1, follows: true, options: 0, flags: flagOr('r'), act: () => readWhole },
  writeFile: { paths: 1, follows: true, options: 1, flags: flagOr('w'), act: () => writeWhole },
  appendFile: { paths: 1, follows: true, options: 1, flags: flagOr('a'), act: () => writeWhole },
  open: { paths: 1, follows: true, options: 0, flags: (flags = 'r') => flags, act: ({ open }) => open },
  mkdir: { paths: 1, follows: false, options: 0, act: () => plain },
  readdir: { paths: 1, follows: true, options: 0, act: () => plain },
  rename: { paths: 2, follows: false, act: () => plain },
  rm: { paths: 1, follows: false, options: 0, act: () => plain },
  unlink: { paths: 1, follows: false, act: () => plain },
};

/**
 * Puts governance before functions of `fs.promises`, and before the methods of the handles that `open` gives. Resolves
 * when handles from before, and from outside every activity, are governed too.
 */
export async function installFilePromises(patches: Patches, module: FileModule): Promise<void> {
  const handles = createHandles(patches, module);
  for (const [name, row] of Object.entries(FUNCTIONS)) {
    patches.add({
      route: `fs.promises.${name}`,
      target: module.promises,
      name,
      governed: governed(name, row, handles, module),
    });
  }
  // The class of handles is known by one. Without the device the first one teaches.
  const sample = await module.promises.open(module.nullDevice).catch(() => undefined);
  if (sample === undefined) return;
  handles.learn(sample);
  await sample.close();
}

function governed(name: string, row: PathFunction, handles: Handles, module: FileModule): (call: Call) => Promise<unknown> {
  const act = row.act(handles);
  return async ({ attempt, args, original }) => {
    const { config, ports } = attempt.governor;
    if (!config.instrumentFileIo) return original(...args);
    const [first] = args;
    const rest = args.slice(row.paths);
    if (row.options !== undefined && row.options in rest) rest[row.options] = copyOptions(rest[row.options]);
    const call = { attempt, module, name, args: rest };
    if (isHandle(first)) {
      const run = async (...given: readonly unknown[]): Promise<unknown> => original(first, ...given);
      return act({ ...call, subject: handles.subjectOf(first, attempt), run });
    }

    const paths = args.slice(0, row.paths).map((path) => copyPath(path, module, ports.files));
    const [path, target] = paths;
    // Not a path: the function's own error says so. An object it might understand after all never reaches it unasked.
    if (path === undefined || paths.includes(undefined)) return original(...args.map((arg, i) => (i < row.paths ? refused(arg) : arg)));
    const used = paths.map((copy) => copy?.used);
    const run = async (...given: readonly unknown[]): Promise<unknown> => original(...used, ...given);
    if (target === undefined && isSkipped(path.shown)) return run(...rest);
    const subject = {
      path: path.shown,
      mode: row.flags === undefined ? null : modeOf(row.flags(rest[row.options ?? 0]), module.promises.constants),
      realPath: () => realPathOf(path, row.follows, ports.files),
    };
    return act({ ...call, subject, run, ...(target !== undefined && { targetPath: target.shown }) });
  };
}

function refused(path: unknown): unknown {
  return typeof path === 'object' || typeof path === 'function' ? null : path;
}

function isHandle(value: unknown): value is FileHandle {
  return typeof value === 'object' && value !== null && typeof (value as FileHandle).fd === 'number';
}
