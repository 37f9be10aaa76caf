import { type PathFunction, subjectOf, SYNC_FUNCTIONS } from './file-functions.ts';
import type { FileModule } from './file-module.ts';
import { askedSync, copyOptions } from './file-operation.ts';
import { copyPath, descriptorPath, isSkipped, type PathCopy } from './file-paths.ts';
import { type Call, type Patches, refused } from './wrap.ts';

/** Puts governance before the synchronous functions of `fs`. */
export function installFileSync(patches: Patches, module: FileModule): void {
  for (const [name, row] of Object.entries(SYNC_FUNCTIONS)) {
    patches.add({
      route: `fs.${name}Sync`,
      target: module.fs,
      name: `${name}Sync`,
      refuses: 'throws',
      ...(module.loads && { exempt: module.loads }),
      governed: governed(name, row, module),
    });
  }
}

function governed(name: string, row: PathFunction, module: FileModule): (call: Call) => unknown {
  return ({ attempt, args, original }) => {
    const { config, ports } = attempt.governor;
    if (!config.instrumentFileIo) return original(...args);
    const given = args.slice(0, row.paths);
    const rest = args.slice(row.paths);
    if (row.options !== undefined && row.options in rest) rest[row.options] = copyOptions(rest[row.options]);
    const paths = given.map((path) => (typeof path === 'number' ? descriptorPath(path) : copyPath(path, module, ports.files)));
    const [path, target] = paths;
    if (path === undefined || paths.includes(undefined)) return original(...given.map(refused), ...rest);
    const used = paths.map((copy, i) => usedOf(copy, given[i]));
    const run = (...others: readonly unknown[]): unknown => original(...used, ...others);
    if (target === undefined && isSkipped(path.shown)) return run(...rest);
    const subject = subjectOf(path, row, rest, module, ports.files);
    const call = { attempt, module, name, subject, args: rest, run, ...(target !== undefined && { targetPath: target.shown }) };
    return askedSync(row.plan, call);
  };
}

/** Nothing changes while the thread stands still: texts and descriptors go out as they came, and come back so in results and errors. */
function usedOf(copy: PathCopy | undefined, given: unknown): unknown {
  return typeof given === 'string' || typeof given === 'number' ? given : copy?.used;
}
