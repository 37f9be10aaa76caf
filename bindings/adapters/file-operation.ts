import { type Attempt, cutBytes, type FileOperation, type FileResult, governIn } from '../../core/index.ts';
import type { FileModule } from './file-module.ts';

/** What a file operation works on: a path, or a handle that was opened on one. */
export interface FileSubject {
  readonly path: string;
  /** The flags it is opened with. */
  readonly mode: string | null;
  /** Where the path leads. */
  readonly realPath: () => Promise<string>;
  /** Of a handle. */
  readonly totals?: Totals;
}

/** What was done with a handle. */
export interface Totals {
  bytesRead: number;
  bytesWritten: number;
  readonly operations: string[];
}

/** One call of a file function, once it is known what it works on. */
export interface FileCall {
  readonly attempt: Attempt;
  readonly module: FileModule;
  readonly name: string;
  readonly subject: FileSubject;
  readonly targetPath?: string;
  /** The arguments after the paths, as the caller gave them. */
  readonly args: readonly unknown[];
  /** Calls the original with these in their place. */
  run(...args: readonly unknown[]): Promise<unknown>;
}

/** How a file function is governed. Copies what it needs of the arguments before it first waits. */
export type FileAct = (call: FileCall) => Promise<unknown>;

interface Details<R> {
  readonly operation: string;
  run(): Promise<R>;
  readonly result?: (value: R) => FileResult;
  /** What is about to be written. */
  readonly data?: string | undefined;
  /** False where nothing in the value could be withheld. */
  readonly withholds?: boolean;
  /** False where it pulls what it writes out of code of the user's. */
  readonly opaque?: boolean;
  /** Undefined where it cannot be told from another. */
  readonly exact?: readonly unknown[] | undefined;
}

export async function governFile<R>(call: FileCall, details: Details<R>): Promise<R> {
  const { totals } = call.subject;
  const operation = await describeFile(call, details.operation, details.data);
  let result: FileResult = {};
  const run = async (): Promise<R> => {
    const value = await details.run();
    result = details.result?.(value) ?? {};
    totals?.operations.push(details.operation);
    if (totals !== undefined) totals.bytesRead += result.bytesRead ?? 0;
    if (totals !== undefined) totals.bytesWritten += result.bytesWritten ?? 0;
    return value;
  };
  return governIn(call.attempt, operation, run, {
    describe: () => result,
    withholds: () => details.withholds ?? true,
    exact: () => ('exact' in details ? details.exact : []),
    opaque: details.opaque ?? true,
  });
}

export async function describeFile({ subject, targetPath }: FileCall, operation: string, data?: string): Promise<FileOperation> {
  const { path, mode } = subject;
  const realPath = await subject.realPath();
  return {
    type: 'file_operation',
    operation,
    path,
    mode,
    ...(targetPath !== undefined && { targetPath }),
    ...(realPath !== path && { realPath }),
    ...(data !== undefined && { data }),
  };
}

/** A function that reads and writes no content, such as `unlink`; it goes by its own name. */
export const plain: FileAct = (call) => {
  const args = call.args.map(copyOptions);
  // `rm` and its like give nothing back, `readdir` and `stat` do.
  return governFile(call, { operation: call.name, run: () => call.run(...args), withholds: READS.has(call.name), exact: args });
};

const READS: ReadonlySet<string> = new Set(['readdir', 'stat']);

/** An argument as it was at the call; views of memory stay the caller's. */
export function copyOptions(argument: unknown): unknown {
  if (argument instanceof Date) return new Date(argument);
  if (!isOptions(argument)) return argument;
  const copy: Record<string, unknown> = {};
  for (const name of new Set([...OPTIONS, ...Object.keys(argument)])) {
    const value = argument[name];
    if (value !== undefined) copy[name] = value;
  }
  return copy;
}

/** What file functions look for; an options object may inherit it, or have it as a getter of its class. */
const OPTIONS =
  'encoding flag mode flush signal recursive force withFileTypes maxRetries retryDelay bigint buffer offset length position'.split(' ');

export function isOptions(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !ArrayBuffer.isView(value) && !Array.isArray(value) && !(value instanceof Date);
}

/** Content as Core is shown it: text, cut; undefined where capture is off or the bytes are no text. */
export function shownContent({ attempt }: FileCall, bytes: Uint8Array): string | undefined {
  const { captureFileContent, maxBodySize } = attempt.governor.config;
  if (!captureFileContent) return undefined;
  try {
    // Streaming keeps back a sequence that the cut has left unfinished.
    return new TextDecoder('utf-8', { fatal: true }).decode(cutBytes(bytes, maxBodySize), { stream: true });
  } catch {
    return undefined;
  }
}

/** Spread into a result where there is content to show. */
export function content(call: FileCall, bytes: Uint8Array): { readonly data?: string } {
  const data = shownContent(call, bytes);
  return data === undefined ? {} : { data };
}
