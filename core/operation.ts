/** OpenTelemetry attributes of a span, by the stable semantic conventions. */
export type Attributes = Readonly<Record<string, string | number | boolean>>;

/** A request over HTTP. Contract §3.1. */
export interface HttpOperation {
  readonly type: 'http_request';
  /** Upper case. */
  readonly method: string;
  readonly url: string;
  /** Where the connection goes, only if that is elsewhere than the URL says: a proxy, a socket file. */
  readonly peer?: { readonly address: string; readonly port: number | null };
  readonly headers: Readonly<Record<string, string>>;
  /** Text, `''` for an empty body, null for none, a binary one or a stream. */
  readonly body: string | null;
}

/** The response to it. */
export interface HttpResult {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** A query or command to a database. Contract §3.1. */
export interface DatabaseOperation {
  readonly type: 'db_query';
  /** `db.system.name` of OpenTelemetry. */
  readonly system: string;
  readonly name: string | null;
  /** SQL verb, or the command. */
  readonly operation: string;
  /** Without bound values. */
  readonly statement: string;
  readonly address: string | null;
  readonly port: number | null;
}

/** What it came to; rows themselves are not shown. */
export interface DatabaseResult {
  readonly rowCount: number | null;
}

/** A call that reads, writes or changes a file or folder. Contract §3.1. */
export interface FileOperation {
  readonly type: 'file_operation';
  /** `open`, `read`, `write`, `close` …, else the method's name. */
  readonly operation: string;
  /** Absolute and normalised. */
  readonly path: string;
  /** The flags of `open`, else null. */
  readonly mode: string | null;
  /** The second path of `rename`, `cp`, `link`. */
  readonly targetPath?: string;
  /** Where a link leads; only where it differs from `path`. */
  readonly realPath?: string;
  /** Only where content capture is on. */
  readonly data?: string;
}

/** What was done with the file. */
export interface FileResult {
  /** A handle that was opened ends as `close`. */
  readonly operation?: string;
  readonly bytesRead?: number | null;
  readonly bytesWritten?: number | null;
  readonly data?: string;
  readonly linesCount?: number;
  /** At `close`: what was done with the handle. */
  readonly operations?: readonly string[];
}

/** A call of a function of the application. Contract §3.1. */
export interface FunctionOperation {
  readonly type: 'function_call';
  readonly function: string;
  readonly module: string | null;
  /** The arguments; absent where they are not captured. */
  readonly args?: readonly unknown[];
}

/** What the function came to. */
export interface FunctionResult {
  /** What it returned; absent where it is not captured. */
  readonly result?: unknown;
}

interface Families {
  http_request: { operation: HttpOperation; result: HttpResult };
  db_query: { operation: DatabaseOperation; result: DatabaseResult };
  file_operation: { operation: FileOperation; result: FileResult };
  function_call: { operation: FunctionOperation; result: FunctionResult };
}

/** The kinds of operations, by their names on the wire (`hook_type`). Contract §3.1. */
export type OperationType = keyof Families;

/** One thing code does to the world, read once and never changed. */
export type Operation = Families[OperationType]['operation'];

/** What the end of an operation tells. */
export type ResultOf<O extends Operation> = Families[O['type']]['result'];

/** How an operation's end is told. */
export interface Report<O extends Operation, R> {
  /** What `completed` shows of the value. */
  describe(value: R): ResultOf<O>;
  /** What `completed` shows of a failure whose own message tells too much. Default: the error itself. */
  failure?(error: unknown): unknown;
  /** False where nothing in the value could be withheld: the report is then not awaited. Default: not undefined. */
  withholds?(value: R): boolean;
  /**
   * For values that end later (a streamed body, a file handle): returns what is handed out now and calls
   * `later.complete` when it has ended. `describe` is then not used.
   */
  handOut?(value: R, later: Later<O>): R;
  /**
   * What makes this occurrence the same as an approved one, beyond what Core is shown: whole body, bound values.
   * Undefined where that cannot be told (a stream): then the approval is waited for in place. Read only where an
   * approval is in play.
   */
  exact?(): readonly unknown[] | undefined;
  /**
   * True where running it calls no code of the user's: what the runtime calls for it is part of it, and not asked about
   * again.
   * @default false
   */
  readonly opaque?: boolean;
  /** Waited for between Core's answer and the operation: its turn, where calls keep the order in which they were made. */
  turn?(): Promise<void>;
}

/** The end of a value that is handed out before it is there. */
export interface Later<O extends Operation> {
  /** Reports the end; rejects where the verdict withholds the value. Only the first call counts. */
  complete(result: ResultOf<O>, error?: unknown): Promise<void>;
  /** Called when the activity ends first; must end the value and complete it. */
  onAbandon(abandon: () => void): void;
}

/** What a message calls the operation. Contract §7. */
export function identifierOf(operation: Operation): string {
  switch (operation.type) {
    case 'http_request':
      return operation.url;
    case 'file_operation':
      return operation.path;
    case 'function_call':
      return operation.function;
    case 'db_query': {
      const { system, address, port, name } = operation;
      return `${system}://${address ?? ''}${port === null ? '' : `:${port}`}/${name ?? ''}`;
    }
  }
}
