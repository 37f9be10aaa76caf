import type { FileModule } from './file-module.ts';

type Constants = FileModule['promises']['constants'];

/** Flags of `open` as Core is shown them: the text, or for a number the text that comes closest. */
export function modeOf(flags: unknown, constants: Constants): string {
  if (typeof flags !== 'number') return typeof flags === 'string' ? flags : 'r';
  const has = (flag: number): boolean => (flags & flag) === flag && flag !== 0;
  const { O_WRONLY, O_RDWR, O_APPEND, O_CREAT, O_TRUNC, O_EXCL } = constants;
  const writes = has(O_WRONLY) || has(O_RDWR);
  const base = has(O_APPEND) ? 'a' : has(O_TRUNC) || (has(O_CREAT) && writes) ? 'w' : 'r';
  return `${base}${has(O_EXCL) ? 'x' : ''}${has(O_RDWR) || (base === 'r' && writes) ? '+' : ''}`;
}
