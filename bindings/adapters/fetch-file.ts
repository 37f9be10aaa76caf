import { type Attempt, governIn } from '../../core/index.ts';
import type { FetchGlobal } from './fetch-request.ts';
import { withBody } from './fetch-response.ts';
import type { FileModule } from './file-module.ts';
import { type FileCall, content, describeFile } from './file-operation.ts';
import { copyPath, isSkipped, realPathOf, realPathSyncOf } from './file-paths.ts';

/** A `fetch` of a `file:` URL, on runtimes whose `fetch` reads files: the same operation as `readFile`. */
export async function fetchFile(
  attempt: Attempt,
  global: FetchGlobal,
  module: FileModule,
  url: string,
  send: () => Promise<Response>,
): Promise<Response> {
  const { config, ports } = attempt.governor;
  const path = config.instrumentFileIo ? copyPath(new URL(url), module, ports.files) : undefined;
  if (path === undefined || isSkipped(path.shown)) return send();
  const subject = {
    path: path.shown,
    mode: 'r',
    realPath: () => realPathOf(path, true, ports.files),
    realPathSync: () => realPathSyncOf(path, true, ports.files),
  };
  const call: FileCall = { attempt, module, name: 'fetch', subject, args: [], run: send };
  let bytes = new Uint8Array();
  // Whole, so that nothing of it is handed out before `completed` is answered.
  const read = async (): Promise<Response> => {
    const response = await send();
    bytes = new Uint8Array(await response.arrayBuffer());
    return withBody(global, response, new global.Response(bytes).body as ReadableStream<Uint8Array>);
  };
  return governIn(attempt, await describeFile(call, 'read'), read, {
    describe: () => ({ bytesRead: bytes.byteLength, ...content(call, bytes) }),
    exact: () => [],
    opaque: true,
  });
}
