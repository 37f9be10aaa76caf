import { type Attempt, cutBytes, type FileOperation, type FileResult, governIn, governSyncIn, type Report } from '../../core/index.ts';
import type { FileModule } from './file-module.ts';

/** What a file operation works on: a path, or a handle that was opened on one. */
export interface FileSubject {
  readonly path: string;
  /** The flags it is opened with. */
  readonly mode: string | null;
  /** Where the path leads. */
  readonly realPath: () => Promise<string>;
  readonly realPathSync: () => string;
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
  /** Calls the original with these in their place; a promise of its value where the function is asynchronous. */
  run(...args: readonly unknown[]): unknown;
}

/** How a file function is governed. Copies what it needs of the arguments before it first waits. */
export type FileAct = (call: FileCall) => Promise<unknown>;

/** A call as one operation: the same for the asynchronous and the synchronous form of a function. */
export interface FilePlan<R = unknown> {
  readonly operation: string;
  run(): unknown;
  readonly result?: (value: R) => FileResult;
  /** What is about to be written. */
  readonly data?: string | undefined;
  /** False where nothing in the value could be withheld. */
  readonly withholds?: boolean;
  /** False where it pulls what it writes out of code of the user's. */
  readonly opaque?: boolean;
  /** Undefined where it cannot be told from another. */
  readonly exact?: readonly unknown[] | undefined;
  /** What the caller is given of the value; default the value. */
  readonly handOut?: (value: R) => unknown;
}

/** Makes a plan of a call; copies what it needs of the arguments. */
export type Planning<R = never> = (call: FileCall) => FilePlan<R>;

/** The act of functions that are one operation from beginning to end. */
export const asked =
  (planning: Planning): FileAct =>
  async (call) => {
    const plan = planning(call) as FilePlan;
    const value = await governFile(call, plan);
    return plan.handOut === undefined ? value : plan.handOut(value);
  };

/** The same for the synchronous form. */
export function askedSync(planning: Planning, call: FileCall): unknown {
  const plan = planning(call) as FilePlan;
  const operation = fileOperation(call, call.subject.realPathSync(), plan.operation, plan.data);
  const { done, report } = following(call, plan);
  const value = governSyncIn(call.attempt, operation, () => done(plan.run()), report);
  return plan.handOut === undefined ? value : plan.handOut(value);
}

export async function governFile<R>(call: FileCall, plan: FilePlan<R>): Promise<R> {
  const operation = await describeFile(call, plan.operation, plan.data);
  const { done, report } = following(call, plan);
  return governIn(call.attempt, operation, async () => done((await plan.run()) as R), report);
}

/** Keeps what came of a call, for its report and its handle. */
function following<R>({ subject: { totals } }: FileCall, plan: FilePlan<R>): { done(value: R): R; readonly report: Report<FileOperation, R> } {
  let result: FileResult = {};
  return {
    done(value) {
      result = plan.result?.(value) ?? {};
      totals?.operations.push(plan.operation);
      if (totals !== undefined) totals.bytesRead += result.bytesRead ?? 0;
      if (totals !== undefined) totals.bytesWritten += result.bytesWritten ?? 0;
      return value;
    },
    report: {
      describe: () => result,
      withholds: () => plan.withholds ?? true,
      exact: () => ('exact' in plan ? plan.exact : []),
      opaque: plan.opaque ?? true,
    },
  };
}

export async function describeFile(call: FileCall, operation: string, data?: string): Promise<FileOperation> {
  return fileOperation(call, await call.subject.realPath(), operation, data);
}

function fileOperation({ subject: { path, mode }, targetPath }: FileCall, realPath: string, operation: string, data?: string): FileOperation {
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
export const plain: Planning = (call) => {
  const args = call.args.map(copyOptions);
  // `rm` and its like give nothing back, `readdir` and `stat` do.
  return { operation: call.name, run: () => call.run(...args), withholds: READS.has(call.name), exact: args };
};

const READS: ReadonlySet<string> = new Set(['exists', 'lstat', 'readdir', 'stat', 'statfs']);

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
  'encoding flag mode flush signal recursive force withFileTypes maxRetries retryDelay bigint throwIfNoEntry buffer offset length position'.split(' ');

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
