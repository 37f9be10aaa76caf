import type { FileSystem } from '../../core/index.ts';
import { readWhole, writeWhole } from './file-content.ts';
import { modeOf } from './file-flags.ts';
import type { FileModule } from './file-module.ts';
import { type FileSubject, isOptions, plain, type Planning } from './file-operation.ts';
import { type PathCopy, realPathOf, realPathSyncOf } from './file-paths.ts';

/** How a function that takes paths is governed, whichever of its forms is called. */
export interface PathFunction {
  /** How many of the leading arguments are paths. */
  readonly paths: 1 | 2;
  /** Whether it works on what a link leads to, rather than on the link. */
  readonly follows: boolean;
  /** Which of the arguments after the paths are options. */
  readonly options?: number;
  /** The flags it opens the file with. */
  readonly flags?: (options: unknown) => unknown;
  readonly plan: Planning;
}

const flagOr =
  (fallback: string) =>
  (options: unknown): unknown =>
    (isOptions(options) ? options['flag'] : undefined) ?? fallback;

/** Governed in both forms: `fs.promises.rm` and `fs.rmSync`. */
export const PATH_FUNCTIONS: Readonly<Record<string, PathFunction>> = {
  readFile: { paths: 1, follows: true, options: 0, flags: flagOr('r'), plan: readWhole },
  writeFile: { paths: 1, follows: true, options: 1, flags: flagOr('w'), plan: writeWhole },
  appendFile: { paths: 1, follows: true, options: 1, flags: flagOr('a'), plan: writeWhole },
  mkdir: { paths: 1, follows: false, options: 0, plan: plain },
  readdir: { paths: 1, follows: true, options: 0, plan: plain },
  rename: { paths: 2, follows: false, plan: plain },
  rm: { paths: 1, follows: false, options: 0, plan: plain },
  unlink: { paths: 1, follows: false, plan: plain },
  rmdir: { paths: 1, follows: false, options: 0, plan: plain },
  access: { paths: 1, follows: true, plan: plain },
  stat: { paths: 1, follows: true, options: 0, plan: plain },
  lstat: { paths: 1, follows: false, options: 0, plan: plain },
  statfs: { paths: 1, follows: true, options: 0, plan: plain },
  copyFile: { paths: 2, follows: true, plan: plain },
  link: { paths: 2, follows: false, plan: plain },
  truncate: { paths: 1, follows: true, plan: plain },
  chmod: { paths: 1, follows: true, plan: plain },
  chown: { paths: 1, follows: true, plan: plain },
  lchown: { paths: 1, follows: false, plan: plain },
  utimes: { paths: 1, follows: true, plan: plain },
  lutimes: { paths: 1, follows: false, plan: plain },
};

/** What exists in the synchronous form only, or gives its own path back as it came there. */
export const SYNC_FUNCTIONS: Readonly<Record<string, PathFunction>> = {
  ...PATH_FUNCTIONS,
  exists: { paths: 1, follows: true, plan: plain },
  mkdtemp: { paths: 1, follows: false, options: 0, plan: plain },
};

/** What a call works on: a path, with the arguments after it. */
export function subjectOf(path: PathCopy, row: PathFunction, rest: readonly unknown[], module: FileModule, files: FileSystem): FileSubject {
  return {
    path: path.shown,
    mode: row.flags === undefined ? null : modeOf(row.flags(rest[row.options ?? 0]), module.promises.constants),
    realPath: () => realPathOf(path, row.follows, files),
    realPathSync: () => realPathSyncOf(path, row.follows, files),
  };
}
