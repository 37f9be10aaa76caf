import { PATH_FUNCTIONS, type PathFunction, subjectOf } from './file-functions.ts';
import { createHandles, type Handles } from './file-handle.ts';
import type { FileHandle, FileModule } from './file-module.ts';
import { asked, copyOptions, type FileAct, plain } from './file-operation.ts';
import { copyPath, isSkipped } from './file-paths.ts';
import { type Call, type Patches, refused } from './wrap.ts';

const OPEN: PathFunction = { paths: 1, follows: true, options: 0, flags: (flags = 'r') => flags, plan: plain };

/**
 * Puts governance before functions of `fs.promises`, and before the methods of the handles that `open` gives. Resolves
 * when handles from before, and from outside every activity, are governed too.
 */
export async function installFilePromises(patches: Patches, module: FileModule): Promise<void> {
  const handles = createHandles(patches, module);
  const add = (name: string, row: PathFunction, act: FileAct): boolean =>
    patches.add({ route: `fs.promises.${name}`, target: module.promises, name, governed: governed(name, row, act, handles, module) });
  for (const [name, row] of Object.entries(PATH_FUNCTIONS)) add(name, row, asked(row.plan));
  add('open', OPEN, handles.open);
  // The class of handles is known by one. Without the device the first one teaches.
  const sample = await module.promises.open(module.nullDevice).catch(() => undefined);
  if (sample === undefined) return;
  handles.learn(sample);
  await sample.close();
}

function governed(name: string, row: PathFunction, act: FileAct, handles: Handles, module: FileModule): (call: Call) => Promise<unknown> {
  return async ({ attempt, args, original }) => {
    const { config, ports } = attempt.governor;
    if (!config.instrumentFileIo) return original(...args);
    const [first] = args;
    const rest = args.slice(row.paths);
    if (row.options !== undefined && row.options in rest) rest[row.options] = copyOptions(rest[row.options]);
    const call = { attempt, module, name, args: rest };
    if (isHandle(first)) {
      const run = (...given: readonly unknown[]): unknown => original(first, ...given);
      return act({ ...call, subject: handles.subjectOf(first, attempt), run });
    }

    const paths = args.slice(0, row.paths).map((path) => copyPath(path, module, ports.files));
    const [path, target] = paths;
    // Not a path: the function's own error says so. An object it might understand after all never reaches it unasked.
    if (path === undefined || paths.includes(undefined)) return original(...args.map((arg, i) => (i < row.paths ? refused(arg) : arg)));
    const used = paths.map((copy) => copy?.used);
    const run = (...given: readonly unknown[]): unknown => original(...used, ...given);
    if (target === undefined && isSkipped(path.shown)) return run(...rest);
    const subject = subjectOf(path, row, rest, module, ports.files);
    return act({ ...call, subject, run, ...(target !== undefined && { targetPath: target.shown }) });
  };
}

function isHandle(value: unknown): value is FileHandle {
  return typeof value === 'object' && value !== null && typeof (value as FileHandle).fd === 'number';
}
