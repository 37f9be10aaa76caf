import type { FileSystem } from '../../core/index.ts';
import type { FileModule } from './file-module.ts';

/** A path argument, read once. */
export interface PathCopy {
  /** Absolute and normalised. */
  readonly shown: string;
  /** The same path as the file function is given it: absolute, and else as it was; `..` behind a link means something. */
  readonly used: string | Uint8Array;
}

/**
 * The copy of a path given as text, bytes or URL; undefined for what is none, which the file function refuses itself.
 * Throws what the file function would for a URL that is no file's.
 */
export function copyPath(value: unknown, module: Pick<FileModule, 'fileUrlToPath'>, files: FileSystem): PathCopy | undefined {
  if (typeof value === 'string') return fromText(value, files);
  if (isBytes(value)) return fromBytes(new Uint8Array(value), files);
  return isUrl(value) ? fromText(module.fileUrlToPath(value), files) : undefined;
}

/** By what it is, not by its class: bytes come from other realms too. */
function isBytes(value: unknown): value is Uint8Array {
  return ArrayBuffer.isView(value) && Object.prototype.toString.call(value) === '[object Uint8Array]';
}

/** As Node tells a URL, whichever class it has. */
function isUrl(value: unknown): value is URL {
  const { href, protocol } = (value ?? {}) as Partial<URL>;
  return typeof value === 'object' && typeof href === 'string' && typeof protocol === 'string';
}

const ABSOLUTE = /^(?:[\\/]|[a-z]:[\\/])/i;

function fromText(text: string, files: FileSystem): PathCopy | undefined {
  // The empty path is not the working directory, and a NUL ends no path: both are errors.
  if (text === '' || text.includes('\0')) return undefined;
  return { shown: files.resolve(text), used: ABSOLUTE.test(text) ? text : `${files.resolve('.')}/${text}` };
}

/** Bytes that are no UTF-8 are still the name of a file: used as they are, shown as they can be. */
function fromBytes(bytes: Uint8Array, files: FileSystem): PathCopy | undefined {
  const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  const path = fromText(text, files);
  if (path === undefined || !text.includes('\ufffd')) return path;
  const folder = bytes[0] === SLASH ? '' : `${files.resolve('.')}/`;
  return { shown: path.shown, used: Uint8Array.from([...new TextEncoder().encode(folder), ...bytes]) };
}

const SLASH = 0x2f;

const SKIPPED = /^\/dev\/(?:null|zero|random|urandom|tty|stdin|stdout|stderr)$/;

/** Devices that lead nowhere. Contract §3.1. */
export function isSkipped(path: string): boolean {
  return SKIPPED.test(path);
}

/**
 * Where the path leads through links. A function that works on the link itself (`unlink`) does not follow the last
 * part of its path.
 */
export async function realPathOf(copy: PathCopy, follows: boolean, files: FileSystem): Promise<string> {
  const part = followedPart(copy, follows);
  return part === undefined ? copy.shown : withName(await files.realPath(part.path), part.name, files);
}

/** The same, for operations that cannot wait asynchronously. */
export function realPathSyncOf(copy: PathCopy, follows: boolean, files: FileSystem): string {
  const part = followedPart(copy, follows);
  return part === undefined ? copy.shown : withName(files.realPathSync(part.path), part.name, files);
}

/** What of a path leads through links, and the name after it that does not. */
function followedPart({ used }: PathCopy, follows: boolean): { readonly path: string; readonly name?: string } | undefined {
  if (typeof used !== 'string') return undefined;
  const path = used.replace(/(?<=.)[\\/]+$/, '');
  const [, folder, name] = /^(.*[\\/])([^\\/]+)$/.exec(path) ?? [];
  if (follows || folder === undefined || name === undefined || name === '.' || name === '..') return { path };
  return { path: folder, name };
}

function withName(real: string, name: string | undefined, files: FileSystem): string {
  return name === undefined ? real : files.resolve(`${real}/${name}`);
}

const STANDARD = ['/dev/stdin', '/dev/stdout', '/dev/stderr'];

/** An open file as a path, which leads to it where the system has such links. */
export function descriptorPath(fd: number): PathCopy {
  const path = STANDARD[fd] ?? `/dev/fd/${fd}`;
  return { shown: path, used: path };
}
