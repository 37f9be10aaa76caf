import type { Attempt, FileOperation, FileResult, FileSystem, Later } from '../../core/index.ts';
import { governIn } from '../../core/index.ts';
import { readChunk, readChunks, writeChunk, writeChunks } from './file-chunks.ts';
import { readWhole, writeWhole } from './file-content.ts';
import type { FileHandle, FileModule } from './file-module.ts';
import { asked, describeFile, type FileAct, type FileSubject, plain, type Totals } from './file-operation.ts';
import type { Call, Patches } from './wrap.ts';

/** The methods of a handle that reach its file. Streams made of a handle go through `read` and `write`. */
const HANDLE_METHODS: Readonly<Record<string, FileAct>> = {
  read: readChunk,
  readv: readChunks,
  readFile: asked(readWhole),
  write: writeChunk,
  writev: writeChunks,
  writeFile: asked(writeWhole),
  appendFile: asked(writeWhole),
  ...Object.fromEntries('stat truncate sync datasync chmod chown utimes'.split(' ').map((name) => [name, asked(plain)])),
};

/** The handles opened in activities, and what is known of their files. */
export interface Handles {
  /** `fs.promises.open`: asked about at the call; the same span is completed when the handle is closed. */
  readonly open: FileAct;
  subjectOf(handle: FileHandle, attempt: Attempt): FileSubject;
  /** Patches the methods of all handles: their class is exported nowhere, and known from any one of them. */
  learn(handle: FileHandle): void;
}

export function createHandles(patches: Patches, module: FileModule): Handles {
  const subjects = new WeakMap<FileHandle, FileSubject>();
  const subjectOf: Handles['subjectOf'] = (handle, { governor }) =>
    subjects.get(handle) ?? openedElsewhere(handle, governor.ports.files);

  const governed =
    (name: string, act: FileAct) =>
    async ({ attempt, self, args, original }: Call): Promise<unknown> => {
      if (!attempt.governor.config.instrumentFileIo) return original(...args);
      const run = async (...given: readonly unknown[]): Promise<unknown> => original(...given);
      return act({ attempt, module, name, subject: subjectOf(self as FileHandle, attempt), args, run });
    };

  let learned = false;
  const learn = (handle: FileHandle): void => {
    if (learned) return;
    learned = true;
    const target = Object.getPrototypeOf(handle) as object;
    for (const [name, act] of Object.entries(HANDLE_METHODS)) {
      patches.add({ route: `FileHandle.${name}`, target, name, governed: governed(name, act) });
    }
  };

  return {
    subjectOf,
    learn,
    open: async (call) => {
      const [flags, mode] = call.args;
      const totals: Totals = { bytesRead: 0, bytesWritten: 0, operations: [] };
      const operation = await describeFile(call, 'open');
      return governIn(call.attempt, operation, async () => (await call.run(flags, mode)) as FileHandle, {
        describe: () => ({}),
        withholds: () => false,
        exact: () => [mode ?? null],
        handOut: (handle, later) => {
          subjects.set(handle, { ...call.subject, totals });
          learn(handle);
          tellClose(handle, totals, later);
          return handle;
        },
      });
    },
  };
}

/** A handle from outside every activity shows as its descriptor, which leads to the file where the system has such links. */
function openedElsewhere(handle: FileHandle, files: FileSystem): FileSubject {
  const path = `/dev/fd/${handle.fd}`;
  return { path, mode: null, realPath: () => files.realPath(path), realPathSync: () => files.realPathSync(path) };
}

/** A close is told, never stopped. `close` is a method of each handle on some versions of Node, of their class on others. */
function tellClose(handle: FileHandle, totals: Totals, later: Later<FileOperation>): void {
  const { close } = handle;
  const tell = (result: FileResult, error?: unknown): void => {
    const { bytesRead, bytesWritten } = totals;
    // A stop takes effect through the activity.
    later.complete({ ...result, bytesRead, bytesWritten }, error).catch(() => undefined);
  };
  const closed = (): FileResult => ({ operation: 'close', operations: [...totals.operations] });
  const value = async (): Promise<void> => {
    try {
      await close.call(handle);
    } catch (error) {
      tell(closed(), error);
      throw error;
    }
    tell(closed());
  };
  Object.defineProperty(handle, 'close', { value, configurable: true, enumerable: false, writable: true });
  // A handle may be meant to outlive the activity: it stays open, and its span ends as the `open` it was.
  later.onAbandon(() => tell({}));
}
