import { content, copyOptions, type FileCall, isOptions, type Planning, shownContent } from './file-operation.ts';

/** A buffer of the runtime's own. */
type Bytes = Uint8Array & { toString(encoding: string): string };

/** `readFile`. Read as bytes, so that they can be counted, and decoded as the runtime itself does it. */
export const readWhole: Planning<Bytes> = (call) => {
  const [options] = call.args;
  const encoding = encodingOf(options);
  const decodes = typeof encoding === 'string' && call.module.isEncoding(encoding);
  const read = decodes ? { ...(isOptions(options) && options), encoding: null } : copyOptions(options);
  return {
    operation: 'read',
    run: () => call.run(read),
    result: (bytes) => ({ bytesRead: bytes.byteLength, ...content(call, bytes) }),
    handOut: (bytes) => (decodes ? bytes.toString(encoding) : bytes),
  };
};

/** `writeFile` and `appendFile`. */
export const writeWhole: Planning = (call) => {
  const [data, options] = call.args;
  const given = copyOptions(options);
  const copy = copyData(call, data, encodingOf(given));
  return {
    operation: 'write',
    run: () => call.run(copy.data, given),
    result: () => ({ bytesWritten: copy.size() }),
    data: copy.bytes && shownContent(call, copy.bytes),
    withholds: false,
    exact: copy.bytes && [copy.bytes, given],
    opaque: copy.bytes !== undefined,
  };
};

function encodingOf(options: unknown): unknown {
  return isOptions(options) ? options['encoding'] : options;
}

interface DataCopy {
  readonly data: unknown;
  /** Undefined for a stream, and for what is no data. */
  readonly bytes?: Uint8Array;
  size(): number;
}

/** What is written, as it was at the call; streams pass through and are counted. */
function copyData(call: FileCall, data: unknown, encoding: unknown): DataCopy {
  const bytes = copyBytes(call, data, encoding);
  if (bytes !== undefined) return { data: bytes, bytes, size: () => bytes.byteLength };
  if (typeof data !== 'object' || data === null || !(Symbol.asyncIterator in data || Symbol.iterator in data)) return { data, size: () => 0 };
  let size = 0;
  async function* counted(): AsyncGenerator {
    for await (const chunk of data as AsyncIterable<unknown>) {
      const copied = copyBytes(call, chunk, encoding);
      size += copied?.byteLength ?? 0;
      yield copied ?? chunk;
    }
  }
  return { data: counted(), size: () => size };
}

/** Text or memory as bytes of its own; undefined for anything else, and for an encoding that the runtime refuses. */
export function copyBytes({ module }: FileCall, data: unknown, encoding: unknown): Uint8Array | undefined {
  if (ArrayBuffer.isView(data)) return new Uint8Array(data.buffer, data.byteOffset, data.byteLength).slice();
  if (typeof data !== 'string') return undefined;
  if (encoding === undefined || encoding === null) return module.encode(data, 'utf8');
  return typeof encoding === 'string' && module.isEncoding(encoding) ? module.encode(data, encoding) : undefined;
}
