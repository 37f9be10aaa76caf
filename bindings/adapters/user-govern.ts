import {
  type DatabaseOperation,
  type FileOperation,
  type FunctionOperation,
  type Gate,
  governIn,
  governSyncIn,
  type HttpOperation,
  OpenBoxConfigError,
  type Operation,
  type OperationType,
  type Report,
} from '../../core/index.ts';

type Described = FunctionOperation | FileOperation | DatabaseOperation;

/**
 * Describe an operation, ask, run it, report it; for what no adapter sees. Finds the activity it is called in itself
 * and just runs outside of one. Throws what Core's answer makes of it. Contract §3.
 */
export interface Govern {
  /** Without a report a function's result is shown, of the others only that they ended. */
  <O extends Described, R>(operation: O, run: () => Promise<R>, report?: Report<O, R>): Promise<R>;
  <R>(operation: HttpOperation, run: () => Promise<R>, report: Report<HttpOperation, R>): Promise<R>;
}

/** As `Govern`, for calls that cannot wait asynchronously. */
export interface GovernSync {
  <O extends Described, R>(operation: O, run: () => R, report?: Report<O, R>): R;
  <R>(operation: HttpOperation, run: () => R, report: Report<HttpOperation, R>): R;
}

type Reports = { readonly [T in OperationType]?: Report<Extract<Operation, { type: T }>, unknown> };

const DEFAULTS: Reports = {
  function_call: { describe: (result) => ({ result }) },
  file_operation: { describe: () => ({}) },
  db_query: { describe: () => ({ rowCount: null }) },
};

export function createGovern(gate: Gate): Govern {
  return async <R>(operation: Operation, run: () => Promise<R>, report?: Report<Operation, R>): Promise<R> => {
    const attempt = gate.enter(routeOf(operation));
    return attempt === undefined ? run() : governIn(attempt, { ...operation }, run, report ?? defaultReport(operation));
  };
}

export function createGovernSync(gate: Gate): GovernSync {
  return <R>(operation: Operation, run: () => R, report?: Report<Operation, R>): R => {
    const attempt = gate.enter(routeOf(operation));
    return attempt === undefined ? run() : governSyncIn(attempt, { ...operation }, run, report ?? defaultReport(operation));
  };
}

/** For a warning about a call that belongs to no activity; an identifier might hold credentials. */
function routeOf({ type }: Operation): string {
  return `govern(${type})`;
}

function defaultReport<R>({ type }: Operation): Report<Operation, R> {
  const report = DEFAULTS[type];
  if (report === undefined) throw new OpenBoxConfigError(`An operation of type "${type}" needs a report: expected a function describe that gives its result`);
  return report as Report<Operation, R>;
}
