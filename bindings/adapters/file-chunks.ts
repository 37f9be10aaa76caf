import { collector } from './collector.ts';
import { copyBytes } from './file-content.ts';
import { content, type FileAct, type FileCall, copyOptions, governFile, isOptions, shownContent } from './file-operation.ts';

interface Read {
  readonly bytesRead: number;
}

/** `FileHandle.read`: into the caller's memory, which is blanked again where the verdict withholds it. */
export const readChunk: FileAct = (call) => {
  const args = call.args.map(copyOptions);
  const [first, second] = args;
  const { offset = 0 } = (isOptions(first) ? first : isOptions(second) ? second : { offset: second ?? 0 }) as { offset?: number };
  return read(call, args, ({ buffer, bytesRead }: Read & { readonly buffer: ArrayBufferView }) => [
    new Uint8Array(buffer.buffer, buffer.byteOffset + offset, bytesRead),
  ]);
};

/** `FileHandle.readv`. */
export const readChunks: FileAct = (call) => {
  const [buffers, ...rest] = call.args;
  const args = [Array.isArray(buffers) ? [...(buffers as unknown[])] : buffers, ...rest];
  return read(call, args, ({ bytesRead, buffers: filled }: Read & { readonly buffers: readonly ArrayBufferView[] }) => {
    let left = bytesRead;
    return filled.map(({ buffer, byteOffset, byteLength }) => {
      const used = Math.min(left, byteLength);
      left -= used;
      return new Uint8Array(buffer, byteOffset, used);
    });
  });
};

async function read<R extends Read>(call: FileCall, args: readonly unknown[], filled: (value: R) => readonly Uint8Array[]): Promise<R> {
  let parts: readonly Uint8Array[] = [];
  try {
    return await governFile(call, {
      operation: 'read',
      run: async () => {
        const value = (await call.run(...args)) as R;
        parts = filled(value);
        return value;
      },
      result: ({ bytesRead }) => ({ bytesRead, ...content(call, beginning(call, parts)) }),
      exact: args.map(withoutMemory),
    });
  } catch (error) {
    for (const part of parts) part.fill(0);
    throw error;
  }
}

function beginning({ attempt }: FileCall, parts: readonly Uint8Array[]): Uint8Array {
  const { captureFileContent, maxBodySize } = attempt.governor.config;
  const seen = collector(captureFileContent ? maxBodySize : 0);
  for (const part of parts) seen.add(part);
  return seen.bytes();
}

/** What memory held before it was read into says nothing. */
function withoutMemory(argument: unknown): unknown {
  if (ArrayBuffer.isView(argument)) return argument.byteLength;
  if (Array.isArray(argument)) return argument.map(withoutMemory);
  return isOptions(argument) ? Object.fromEntries(Object.entries(argument).map(([name, value]) => [name, withoutMemory(value)])) : argument;
}

interface Written {
  readonly bytesWritten: number;
}

/** `FileHandle.write`: `(text, position, encoding)`, `(memory, offset, length, position)` or `(memory, options)`. */
export const writeChunk: FileAct = (call) => {
  const [data, ...rest] = call.args;
  if (!ArrayBuffer.isView(data)) return write(call, [data, ...rest], copyBytes(call, data, rest[1]), { buffer: data });
  const { offset, length, position } = rangeOf(data, rest);
  const fits = isCount(offset) && isCount(length) && offset + length <= data.byteLength;
  // Only what is written is copied, where that is in range; the runtime says what is wrong with the rest.
  const copy = new Uint8Array(data.buffer, data.byteOffset + (fits ? offset : 0), fits ? length : data.byteLength).slice();
  return write(call, [copy, fits ? 0 : offset, length, position], copy, { buffer: data });
};

/** `FileHandle.writev`. */
export const writeChunks: FileAct = (call) => {
  const [buffers, ...rest] = call.args;
  const views = Array.isArray(buffers) && buffers.every((each) => ArrayBuffer.isView(each)) ? buffers : undefined;
  const copies = views?.map((view) => copyBytes(call, view, undefined) as Uint8Array);
  const seen = collector(Infinity);
  for (const copy of copies ?? []) seen.add(copy);
  return write(call, [copies ?? buffers, ...rest], seen.bytes(), { buffers });
};

/** Where the runtime has handed back the copy, the caller gets its own memory. */
async function write(call: FileCall, args: readonly unknown[], bytes: Uint8Array | undefined, own: object): Promise<unknown> {
  const written = await governFile<Written>(call, {
    operation: 'write',
    run: () => call.run(...args),
    result: ({ bytesWritten }) => ({ bytesWritten }),
    data: bytes && shownContent(call, bytes),
    withholds: false,
    exact: args,
  });
  return { ...written, ...own };
}

interface Range {
  readonly offset: unknown;
  readonly length: unknown;
  readonly position: unknown;
}

/** The arguments after the memory, with the runtime's own defaults. */
function rangeOf(data: ArrayBufferView, [first, second, third]: readonly unknown[]): Range {
  const given = isOptions(first) ? first : { offset: first, length: second, position: third };
  const offset = given['offset'] ?? 0;
  const length = typeof given['length'] === 'number' ? given['length'] : data.byteLength - Number(offset);
  return { offset, length, position: given['position'] ?? null };
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0;
}
