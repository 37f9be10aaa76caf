import type { DatabaseOperation, Later } from '../../core/index.ts';
import { handled } from '../adapters/wrap.ts';
import { afterwards } from './driver.ts';
import { innerOf, type Submittable } from './pg-call.ts';

/** A submittable with an eye on its end. */
export interface Watched {
  /** True where its reader has closed it before it was sent. */
  left(): boolean;
  /** It has been sent: from here on its end is told. */
  begin(later: Later<DatabaseOperation>): void;
}

type InContext = <A extends readonly unknown[]>(callback: (...args: A) => void) => (...args: A) => void;

type Done = (error: unknown, rows?: readonly unknown[], result?: unknown) => void;

/** `pg-cursor`, which `pg-query-stream` has inside. */
interface Cursor {
  read(count: number, callback?: Done): unknown;
  close(callback?: (error?: unknown) => void): unknown;
}

/** Watches a submittable that has not been sent; the methods that end it are its own from now on. */
export function watch(submittable: Submittable, bind: InContext): Watched {
  let later: Later<DatabaseOperation> | undefined;
  let rows: number | null = null;
  const tell = async (error?: unknown): Promise<void> => later?.complete({ rowCount: rows }, error);
  // A stop takes effect through the activity.
  const report = (error?: unknown): void => void handled(tell(error));
  const count = (more: number): void => void (rows = (rows ?? 0) + more);

  watchErrors(submittable, report, bind);
  const inner = innerOf(submittable);
  const eye = { tell, report, count, bind };
  const { left, abandon } = isCursor(inner) ? watchCursor(inner, eye) : watchQuery(submittable, eye);
  return {
    left,
    begin(given) {
      later = given;
      if (left()) return report();
      return later.onAbandon(() => {
        abandon();
        // A stream's reader learns of it by a premature close.
        (submittable as { destroy?(): void }).destroy?.();
        report();
      });
    },
  };
}

interface Ways {
  left(): boolean;
  abandon(): void;
}

interface Eye {
  /** Tells the end; rejects where what comes last is withheld. */
  tell(): Promise<void>;
  report(error?: unknown): void;
  count(rows: number): void;
  readonly bind: InContext;
}

function watchErrors(submittable: Submittable, report: (error: unknown) => void, bind: InContext): void {
  const { handleError } = submittable;
  submittable.handleError = bind((error: unknown, connection: unknown) => {
    report(error);
    handleError?.call(submittable, error, connection);
  });
}

/** Rows come as they come; only the last of them wait for Core. */
function watchCursor(cursor: Cursor, { tell, report, count, bind }: Eye): Ways {
  const { read, close } = cursor;
  let left = false;
  let abandoned = false;
  let total = 0;
  cursor.read = (wanted, callback) => {
    if (callback === undefined) {
      return new Promise((resolve, reject) => void cursor.read(wanted, (error, rows) => (error ? reject(error) : resolve(rows))));
    }
    const done = bind(callback);
    if (abandoned) return queueMicrotask(() => done(new Error('The activity ended before this cursor was read to its end')));
    return read.call(cursor, wanted, (error, rows = [], result) => {
      if (error) return done(error);
      total += rows.length;
      // A statement that gives no rows says how many it has changed.
      count(rows.length === 0 && total === 0 ? Number((result as { rowCount?: unknown } | undefined)?.rowCount ?? 0) : rows.length);
      if (rows.length >= wanted) return done(null, rows, result);
      return void afterwards(tell(), () => done(null, rows, result), done);
    });
  };
  cursor.close = (callback) => {
    left = true;
    report();
    return callback === undefined ? close.call(cursor) : close.call(cursor, bind(callback));
  };
  return {
    left: () => left,
    abandon() {
      abandoned = true;
      cursor.close(() => undefined);
    },
  };
}

/** What the client calls on everything else that it sends. */
interface Query {
  handleDataRow?(message: unknown): void;
  handleCommandComplete?(message: { readonly text?: unknown }, connection: unknown): void;
  handleReadyForQuery?(connection: unknown): void;
  once?(event: 'end', listener: () => void): void;
}

/** Rows are told as they come; the end waits for Core, and is an error where it is withheld. */
function watchQuery(query: Submittable & Query, { tell, report, count, bind }: Eye): Ways {
  const ways: Ways = { left: () => false, abandon: () => undefined };
  const { handleDataRow, handleCommandComplete, handleReadyForQuery } = query;
  if (handleReadyForQuery === undefined) {
    query.once?.('end', () => report());
    return ways;
  }
  if (handleDataRow !== undefined) query.handleDataRow = bind((message: unknown) => handleDataRow.call(query, message));
  query.handleCommandComplete = (message, connection) => {
    const affected = /\d+$/.exec(String(message.text))?.[0];
    if (affected !== undefined) count(Number(affected));
    handleCommandComplete?.call(query, message, connection);
  };
  query.handleReadyForQuery = bind((connection: unknown) => {
    void afterwards(tell(), () => handleReadyForQuery.call(query, connection), (stop) => query.handleError?.(stop, connection));
  });
  return ways;
}

function isCursor(value: object): value is Cursor {
  const { read, close, cursor } = value as Partial<Cursor> & { cursor?: unknown };
  return typeof read === 'function' && typeof close === 'function' && cursor === undefined;
}
