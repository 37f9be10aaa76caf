/** What governing a file operation needs to know of the file system; never patched functions. */
export interface FileSystem {
  /** Absolute and normalised, whatever the working directory becomes later. */
  resolve(path: string): string;
  /** Where the path leads through links; the path itself where nothing is there yet. */
  realPath(path: string): Promise<string>;
  /** The same, for operations that cannot wait asynchronously. */
  realPathSync(path: string): string;
}

/** Twin for tests: POSIX paths under `/work`, and links from a table. */
export function memoryFileSystem(links: Readonly<Record<string, string>> = {}): FileSystem {
  const resolve = (path: string): string => {
    const parts: string[] = [];
    for (const part of (path.startsWith('/') ? path : `/work/${path}`).split('/')) {
      if (part === '..') parts.pop();
      else if (part !== '' && part !== '.') parts.push(part);
    }
    return `/${parts.join('/')}`;
  };
  const follow = (path: string): string => links[resolve(path)] ?? resolve(path);
  return { resolve, realPath: async (path) => follow(path), realPathSync: follow };
}
