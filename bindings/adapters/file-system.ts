import type { FileSystem } from '../../core/index.ts';

/** What of a runtime's path and file modules the port needs. */
export interface PathModule {
  resolve(...parts: string[]): string;
  dirname(path: string): string;
  basename(path: string): string;
}

export interface LinkModule {
  realpath(path: string): Promise<string>;
  readlink(path: string): Promise<string>;
  realpathSync(path: string): string;
  readlinkSync(path: string): string;
}

/** As many as Linux follows. */
const MAX_LINKS = 40;

/** No system has longer paths: such a one leads nowhere, and looking at each of its folders would take long. */
const MAX_PATH = 32_767;

/** The file system port of a runtime with Node's modules; keeps the functions it is given, patched or not later. */
export function createFileSystem(paths: PathModule, { realpath, readlink, realpathSync, readlinkSync }: LinkModule): FileSystem {
  const follow = async (path: string, links: number): Promise<string> => {
    try {
      return await realpath(path);
    } catch {
      // Nothing is there yet: what counts is where the folder leads, and what a link would make.
      const folder = paths.dirname(path);
      if (folder === path || links > MAX_LINKS) return path;
      const target = await readlink(path).catch(() => undefined);
      const real = await follow(folder, links);
      return target === undefined ? paths.resolve(real, paths.basename(path)) : follow(paths.resolve(real, target), links + 1);
    }
  };
  const followSync = (path: string, links: number): string => {
    try {
      return realpathSync(path);
    } catch {
      const folder = paths.dirname(path);
      if (folder === path || links > MAX_LINKS) return path;
      const target = targetOf(path);
      const real = followSync(folder, links);
      return target === undefined ? paths.resolve(real, paths.basename(path)) : followSync(paths.resolve(real, target), links + 1);
    }
  };
  const targetOf = (path: string): string | undefined => {
    try {
      return readlinkSync(path);
    } catch {
      return undefined;
    }
  };
  return {
    resolve: (path) => paths.resolve(path),
    realPath: async (path) => (path.length > MAX_PATH ? path : follow(path, 0)),
    realPathSync: (path) => (path.length > MAX_PATH ? path : followSync(path, 0)),
  };
}
